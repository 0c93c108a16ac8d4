// Activations and norm weights from uniform buffers, whose reads cost a software adapter less where all invocations read
// the same place. A row must fit one: 16384 elements at the default limits.
@group(0) @binding(2) var<uniform> input: array<vec4f, INPUT_QUADS>;
@group(0) @binding(6) var<uniform> norm_row: array<vec4f, INPUT_QUADS>;

fn activations(at: u32) -> vec4f {
    return input[at];
}

fn norm_weights(at: u32) -> vec4f {
    return norm_row[at];
}
