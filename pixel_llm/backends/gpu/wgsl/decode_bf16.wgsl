// 32 weights are 4 texels of 8 bfloat16. The last block of a row may end early: there the row's last texel is
// read again, and meets activations that are zero.
fn octet(row: u32, texel: u32) -> vec4u {
    return codes(row, min(texel, row_texels() - 1u));
}

// A bfloat16 is the upper half of a float32.
fn floats(words: vec2u) -> vec4f {
    let low = bitcast<vec2f>(words << vec2u(16u));
    let high = bitcast<vec2f>(words & vec2u(0xffff0000u));
    return vec4f(low.x, high.x, low.y, high.y);
}

fn weights(row: u32, block: u32) -> array<vec4f, 8> {
    var out: array<vec4f, 8>;
    for (var i = 0u; i < 4u; i++) {
        let eight = octet(row, block * 4u + i);
        out[2u * i] = floats(eight.xy);
        out[2u * i + 1u] = floats(eight.zw);
    }
    return out;
}

fn weights_dot(row: u32, block: u32, x: ptr<function, array<vec4f, 8>>, total: f32) -> f32 {
    var sum = 0.0;
    for (var i = 0u; i < 4u; i++) {
        let eight = octet(row, block * 4u + i);
        sum += dot(floats(eight.xy), (*x)[2u * i]) + dot(floats(eight.zw), (*x)[2u * i + 1u]);
    }
    return sum;
}
