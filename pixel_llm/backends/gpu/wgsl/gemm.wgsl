// Y = X·Wᵀ for several rows of activations, with what `linear.wgsl` does after it.
//
// An invocation makes the sums of up to ROWS rows (`linear.team_rows`, so many that no lane of the adapter idles) and a
// tile of 8 rows of activations: a block of activations is loaded once for all rows, and a block of weights is unpacked
// once for the 8. They are written out, because drivers do not unroll loops of this size, and arrays that a loop's
// variable indexes live in slow memory.
// Paired, gate and up are stacked in one matrix and half of the rows are rows of up.
@group(0) @binding(6) var<uniform> batch: vec4u; // x: rows of activations

fn matrix_row(first: u32, i: u32) -> u32 {
    let half = linear.team_rows / 2u;
    let up = is_paired() && i >= half;
    return min(first + select(i, i - half, up), linear.rows - 1u) + select(0u, linear.rows, up);
}

fn block_of(token: u32, block: u32) -> array<vec4f, 8> {
    let at = min(token, batch.x - 1u) * (linear.input_stride / 4u) + block * 8u;
    var x: array<vec4f, 8>;
    for (var i = 0u; i < 8u; i++) {
        x[i] = activations(at + i);
    }
    return x;
}

fn dot_block(w: array<vec4f, 8>, x: array<vec4f, 8>) -> f32 {
    return ((dot(w[0], x[0]) + dot(w[1], x[1])) + (dot(w[2], x[2]) + dot(w[3], x[3])))
        + ((dot(w[4], x[4]) + dot(w[5], x[5])) + (dot(w[6], x[6]) + dot(w[7], x[7])));
}

@compute @workgroup_size(WORKGROUP)
fn gemm(@builtin(local_invocation_index) index: u32, @builtin(workgroup_id) workgroup: vec3u) {
    let per_team = select(linear.team_rows, linear.team_rows / 2u, is_paired());
    let first = (workgroup.x * WORKGROUP + index) * per_team;
    let first_token = workgroup.y * 8u;
    var low: array<vec4f, ROWS>;
    var high: array<vec4f, ROWS>;
    for (var block = 0u; block < linear.blocks; block++) {
        share_blocks(first_token, block, index);
        let x0 = shared_block(first_token, block, 0u);
        let x1 = shared_block(first_token, block, 1u);
        let x2 = shared_block(first_token, block, 2u);
        let x3 = shared_block(first_token, block, 3u);
        let x4 = shared_block(first_token, block, 4u);
        let x5 = shared_block(first_token, block, 5u);
        let x6 = shared_block(first_token, block, 6u);
        let x7 = shared_block(first_token, block, 7u);
        for (var i = 0u; i < linear.team_rows; i++) {
            let w = weights(matrix_row(first, i), block);
            low[i] += vec4f(dot_block(w, x0), dot_block(w, x1), dot_block(w, x2), dot_block(w, x3));
            high[i] += vec4f(dot_block(w, x4), dot_block(w, x5), dot_block(w, x6), dot_block(w, x7));
        }
    }
    for (var i = 0u; i < per_team; i++) {
        if (first + i >= linear.rows) {
            break;
        }
        let up = min(i + linear.team_rows / 2u, ROWS - 1u);
        for (var t = 0u; t < 4u; t++) {
            store(first + i, first_token + t, low[i][t], low[up][t]);
            store(first + i, first_token + t + 4u, high[i][t], high[up][t]);
        }
    }
}

fn store(row: u32, token: u32, sum: f32, up: f32) {
    if (token >= batch.x) {
        return;
    }
    if (is_paired()) {
        finish_pair(row, token, sum, up);
    } else {
        finish(row, token, sum);
    }
}
