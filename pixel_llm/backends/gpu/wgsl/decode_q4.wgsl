// 32 weights are one texel: byte i has element i in its low and element i + 16 in its high four bits.
// value = scale · (code - 8).
fn low_codes(word: u32) -> vec4f {
    return vec4f((vec4u(word) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(15u));
}

fn high_codes(word: u32) -> vec4f {
    return vec4f((vec4u(word) >> vec4u(4u, 12u, 20u, 28u)) & vec4u(15u));
}

fn weights(row: u32, block: u32) -> array<vec4f, 8> {
    let texel = codes(row, block);
    let scale = scales(row, block).x;
    var out: array<vec4f, 8>;
    for (var i = 0u; i < 4u; i++) {
        out[i] = scale * (low_codes(texel[i]) - 8.0);
        out[i + 4u] = scale * (high_codes(texel[i]) - 8.0);
    }
    return out;
}

fn weights_dot(row: u32, block: u32, x: ptr<function, array<vec4f, 8>>, total: f32) -> f32 {
    let texel = codes(row, block);
    let scale = scales(row, block).x;
    var sum = 0.0;
    for (var i = 0u; i < 4u; i++) {
        sum += dot(low_codes(texel[i]), (*x)[i]) + dot(high_codes(texel[i]), (*x)[i + 4u]);
    }
    return scale * (sum - 8.0 * total);
}
