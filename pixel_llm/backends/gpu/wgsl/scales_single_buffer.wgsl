// The scales plane as a storage buffer: the float16 scales of two groups a word, row_scales() words a row.
@group(0) @binding(1) var<storage, read> scales_plane: array<u32>;

fn scales(row: u32, group: u32) -> vec2f {
    let two = unpack2x16float(scales_plane[row * row_scales() + group / 2u]);
    return vec2f(select(two.x, two.y, (group & 1u) == 1u), 0.0);
}
