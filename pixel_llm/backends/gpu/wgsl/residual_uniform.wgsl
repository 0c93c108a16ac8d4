// As `residual_storage.wgsl`, read from uniform buffers for the reason that `input_uniform.wgsl` gives.
const UPDATED = true;

@group(0) @binding(7) var<uniform> update: array<vec4f, INPUT_QUADS>;
@group(0) @binding(8) var<uniform> squares: array<vec4f, SQUARE_QUADS>;
@group(0) @binding(9) var<storage, read_write> stream: array<vec4f>;

fn update_at(at: u32) -> vec4f {
    return update[at];
}

fn squares_at(at: u32) -> vec4f {
    return squares[at];
}

fn keep(at: u32, x: vec4f) {
    stream[at] = x;
}
