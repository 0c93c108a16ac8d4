// 32 weights are 8 texels of 4 float32. The last block of a row may end early: there the row's last texel is read
// again, and meets activations that are zero.
fn quad(row: u32, texel: u32) -> vec4f {
    return bitcast<vec4f>(codes(row, min(texel, row_texels() - 1u)));
}

fn weights(row: u32, block: u32) -> array<vec4f, 8> {
    var out: array<vec4f, 8>;
    for (var i = 0u; i < 8u; i++) {
        out[i] = quad(row, block * 8u + i);
    }
    return out;
}

fn weights_dot(row: u32, block: u32, x: ptr<function, array<vec4f, 8>>, total: f32) -> f32 {
    var sum = 0.0;
    for (var i = 0u; i < 8u; i++) {
        sum += dot(quad(row, block * 8u + i), (*x)[i]);
    }
    return sum;
}
