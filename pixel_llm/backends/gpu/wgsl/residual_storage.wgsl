// The input is a residual stream without what the product before this one adds to it: its `update`, which is still to be
// multiplied by one number, the scale of the product's post norm. `stream` gets the sum.
const UPDATED = true;

@group(0) @binding(7) var<storage, read> update: array<vec4f>;
@group(0) @binding(8) var<storage, read> squares: array<vec4f>;
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
