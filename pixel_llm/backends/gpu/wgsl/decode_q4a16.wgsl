// 32 weights are one texel of two groups: byte i of a group's 8 has element i in its low and element i + 8 in its high
// four bits. value = scale · code + offset. Where a row ends with half a texel, the second group's scales are read from
// the row's last ones; its codes and the activations are zero there.
fn low_codes(word: u32) -> vec4f {
    return vec4f((vec4u(word) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(15u));
}

fn high_codes(word: u32) -> vec4f {
    return vec4f((vec4u(word) >> vec4u(4u, 12u, 20u, 28u)) & vec4u(15u));
}

fn group_scales(row: u32, group: u32) -> vec2f {
    return scales(row, min(group, row_groups() - 1u));
}

fn weights(row: u32, block: u32) -> array<vec4f, 8> {
    let texel = codes(row, block);
    var out: array<vec4f, 8>;
    for (var half = 0u; half < 2u; half++) {
        let scale = group_scales(row, block * 2u + half);
        for (var i = 0u; i < 2u; i++) {
            let word = texel[2u * half + i];
            out[4u * half + i] = scale.x * low_codes(word) + scale.y;
            out[4u * half + i + 2u] = scale.x * high_codes(word) + scale.y;
        }
    }
    return out;
}

fn weights_dot(row: u32, block: u32, x: ptr<function, array<vec4f, 8>>, total: f32) -> f32 {
    let texel = codes(row, block);
    var out = 0.0;
    for (var half = 0u; half < 2u; half++) {
        let scale = group_scales(row, block * 2u + half);
        var sum = 0.0;
        var plain = vec4f(0.0);
        for (var i = 0u; i < 2u; i++) {
            let word = texel[2u * half + i];
            let low = (*x)[4u * half + i];
            let high = (*x)[4u * half + i + 2u];
            sum += dot(low_codes(word), low) + dot(high_codes(word), high);
            plain += low + high;
        }
        out += scale.x * sum + scale.y * dot(plain, vec4f(1.0));
    }
    return out;
}
