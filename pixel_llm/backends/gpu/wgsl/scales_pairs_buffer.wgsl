// The scales plane as a storage buffer: one (scale, offset) pair of float16 a word, row_scales() words a row.
@group(0) @binding(1) var<storage, read> scales_plane: array<u32>;

fn scales(row: u32, group: u32) -> vec2f {
    return unpack2x16float(scales_plane[row * row_scales() + group]);
}
