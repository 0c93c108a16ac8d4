// The codes plane as a storage buffer of the same bytes: row_texels() of 16 bytes a row.
@group(0) @binding(0) var<storage, read> codes_plane: array<vec4u>;

fn codes(row: u32, texel: u32) -> vec4u {
    return codes_plane[row * row_texels() + texel];
}
