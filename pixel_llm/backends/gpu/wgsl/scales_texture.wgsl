// The scales plane as a texture: one texel a group, (scale, offset) or the scale alone.
@group(0) @binding(1) var scales_plane: texture_2d_array<f32>;

fn scales(row: u32, group: u32) -> vec2f {
    if (LAYERS == 1u) {
        return textureLoad(scales_plane, vec2u(group, row), 0u, 0).xy;
    }
    return textureLoad(scales_plane, vec2u(group, row % LAYER_ROWS), row / LAYER_ROWS, 0).xy;
}
