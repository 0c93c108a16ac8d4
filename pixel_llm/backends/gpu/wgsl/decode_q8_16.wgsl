// 32 weights are two texels, each a group of 16 signed codes. value = scale · code. Where a row has an odd number of
// groups, the last block reads the last group twice, the second time with activations that are zero.
fn group_of(block: u32, half: u32) -> u32 {
    return min(block * 2u + half, row_groups() - 1u);
}

fn weights(row: u32, block: u32) -> array<vec4f, 8> {
    var out: array<vec4f, 8>;
    for (var half = 0u; half < 2u; half++) {
        let group = group_of(block, half);
        let scale = scales(row, group).x;
        let texel = codes(row, group);
        for (var i = 0u; i < 4u; i++) {
            out[4u * half + i] = scale * vec4f(unpack4xI8(texel[i]));
        }
    }
    return out;
}

fn weights_dot(row: u32, block: u32, x: ptr<function, array<vec4f, 8>>, total: f32) -> f32 {
    var out = 0.0;
    for (var half = 0u; half < 2u; half++) {
        let group = group_of(block, half);
        let texel = codes(row, group);
        var sum = 0.0;
        for (var i = 0u; i < 4u; i++) {
            sum += dot(vec4f(unpack4xI8(texel[i])), (*x)[4u * half + i]);
        }
        out += scales(row, group).x * sum;
    }
    return out;
}
