// The codes plane as a texture: a texel is 16 bytes, row r lies in layer r / LAYER_ROWS.
@group(0) @binding(0) var codes_plane: texture_2d_array<u32>;

fn codes(row: u32, texel: u32) -> vec4u {
    if (LAYERS == 1u) {
        return textureLoad(codes_plane, vec2u(texel, row), 0u, 0);
    }
    return textureLoad(codes_plane, vec2u(texel, row % LAYER_ROWS), row / LAYER_ROWS, 0);
}
