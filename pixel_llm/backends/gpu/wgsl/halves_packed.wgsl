// Four float16 of the KV cache, two a word, where the adapter has no numbers of 16 bits.
alias Halves = vec2u;

fn pack(x: vec4f) -> Halves {
    let bounded = clamp(x, vec4f(-65504.0), vec4f(65504.0));
    return vec2u(pack2x16float(bounded.xy), pack2x16float(bounded.zw));
}

fn unpack(words: Halves) -> vec4f {
    return vec4f(unpack2x16float(words.x), unpack2x16float(words.y));
}
