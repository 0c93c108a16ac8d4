// The scales plane as a storage buffer: one (scale, offset) pair of float16 a word, ROW_SCALES words a row.
@group(0) @binding(1) var<storage, read> scales_plane: array<u32>;

fn scales(row: u32, group: u32) -> vec2f {
    return unpack2x16float(scales_plane[row * ROW_SCALES + group]);
}
