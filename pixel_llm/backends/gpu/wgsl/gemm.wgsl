// Y = X·Wᵀ for several rows of activations, with what `linear.wgsl` does after it.
//
// An invocation makes a tile of ROWS × TOKENS sums in registers: a block of weights is unpacked once for all TOKENS.
@group(0) @binding(6) var<uniform> batch: vec4u; // x: rows of activations

fn matrix_row(first: u32, i: u32) -> u32 {
    if (PAIRED) {
        let half = ROWS / 2u;
        return min(first + i % half, linear.rows - 1u) + (i / half) * linear.rows;
    }
    return min(first + i, linear.rows - 1u);
}

@compute @workgroup_size(WORKGROUP)
fn gemm(@builtin(local_invocation_index) index: u32, @builtin(workgroup_id) workgroup: vec3u) {
    let per_team = select(ROWS, ROWS / 2u, PAIRED);
    let first = (workgroup.x * WORKGROUP + index) * per_team;
    let first_token = workgroup.y * TOKENS;
    var places: array<u32, TOKENS>;
    for (var t = 0u; t < TOKENS; t++) {
        places[t] = min(first_token + t, batch.x - 1u) * (INPUT_STRIDE / 4u);
    }
    var sums: array<array<f32, TOKENS>, ROWS>;
    for (var block = 0u; block < BLOCKS; block++) {
        for (var i = 0u; i < ROWS; i++) {
            let w = weights(matrix_row(first, i), block);
            for (var t = 0u; t < TOKENS; t++) {
                var sum = 0.0;
                for (var k = 0u; k < 8u; k++) {
                    sum += dot(w[k], input[places[t] + block * 8u + k]);
                }
                sums[i][t] += sum;
            }
        }
    }
    for (var t = 0u; t < TOKENS; t++) {
        if (first_token + t >= batch.x) {
            break;
        }
        for (var i = 0u; i < per_team; i++) {
            if (first + i < linear.rows) {
                if (PAIRED) {
                    finish_pair(first + i, first_token + t, sums[i][t], sums[i + ROWS / 2u][t]);
                } else {
                    finish(first + i, first_token + t, sums[i][t]);
                }
            }
        }
    }
}
