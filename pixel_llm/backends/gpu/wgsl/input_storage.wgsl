// Activations and norm weights from storage buffers.
@group(0) @binding(2) var<storage, read> input: array<vec4f>;

fn activations(at: u32) -> vec4f {
    return input[at];
}

fn norm_weights(at: u32) -> vec4f {
    return vectors[linear.norm + at];
}
