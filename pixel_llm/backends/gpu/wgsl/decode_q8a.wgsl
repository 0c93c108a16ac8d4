// 32 weights are two texels of 16 codes. value = scale · code + offset.
fn weights(row: u32, block: u32) -> array<vec4f, 8> {
    let scale = scales(row, block);
    var out: array<vec4f, 8>;
    for (var half = 0u; half < 2u; half++) {
        let texel = codes(row, block * 2u + half);
        for (var i = 0u; i < 4u; i++) {
            out[4u * half + i] = scale.x * vec4f(unpack4xU8(texel[i])) + scale.y;
        }
    }
    return out;
}

fn weights_dot(row: u32, block: u32, x: ptr<function, array<vec4f, 8>>, total: f32) -> f32 {
    let scale = scales(row, block);
    var sum = 0.0;
    for (var half = 0u; half < 2u; half++) {
        let texel = codes(row, block * 2u + half);
        for (var i = 0u; i < 4u; i++) {
            sum += dot(vec4f(unpack4xU8(texel[i])), (*x)[4u * half + i]);
        }
    }
    return scale.x * sum + scale.y * total;
}
