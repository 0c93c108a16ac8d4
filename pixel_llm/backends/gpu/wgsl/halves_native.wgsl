// Four float16 of the KV cache as numbers of the adapter's own (`shader-f16`): the same bytes as `halves_packed.wgsl`.
alias Halves = vec4<f16>;

fn pack(x: vec4f) -> Halves {
    return Halves(clamp(x, vec4f(-65504.0), vec4f(65504.0)));
}

fn unpack(numbers: Halves) -> vec4f {
    return vec4f(numbers);
}
