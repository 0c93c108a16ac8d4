// Y = X·Wᵀ for several rows of activations, with what `linear.wgsl` does after it: for adapters that run many invocations
// side by side.
//
// A workgroup of 64 makes a tile of 32 rows × 32 rows of activations, 4 × 4 an invocation. Blocks of 32 columns are
// unpacked into workgroup memory once for all of them. Paired, the tile has 16 rows of gate and the same of up.
@group(0) @binding(6) var<uniform> batch: vec4u; // x: rows of activations

const SIDE = 32u;
const PITCH = 9u; // vec4f from one row of a tile to the next: 8 and one that spreads rows over memory banks

var<workgroup> weight_tile: array<vec4f, SIDE * PITCH>;
var<workgroup> input_tile: array<vec4f, SIDE * PITCH>;

// The row of the matrix behind row i of the tile.
fn matrix_row(first: u32, i: u32) -> u32 {
    let up = is_paired() && i >= SIDE / 2u;
    return min(first + select(i, i - SIDE / 2u, up), linear.rows - 1u) + select(0u, linear.rows, up);
}

@compute @workgroup_size(64)
fn gemm_tiled(@builtin(local_invocation_index) index: u32, @builtin(workgroup_id) workgroup: vec3u) {
    let first = workgroup.x * select(SIDE, SIDE / 2u, is_paired());
    let first_token = workgroup.y * SIDE;
    // Rows column, column + 8, … of the tile, so that an invocation has the same rows of gate and up.
    let column = index % 8u;
    let line = index / 8u;
    var sums: array<vec4f, 4>;
    for (var block = 0u; block < linear.blocks; block++) {
        workgroupBarrier();
        if (index < SIDE) {
            let w = weights(matrix_row(first, index), block);
            for (var k = 0u; k < 8u; k++) {
                weight_tile[index * PITCH + k] = w[k];
            }
        }
        for (var i = index; i < SIDE * 8u; i += 64u) {
            let token = min(first_token + i / 8u, batch.x - 1u);
            let at = token * (linear.input_stride / 4u) + block * 8u + i % 8u;
            input_tile[(i / 8u) * PITCH + i % 8u] = activations(at);
        }
        workgroupBarrier();
        for (var k = 0u; k < 8u; k++) {
            let w = mat4x4f(
                weight_tile[column * PITCH + k],
                weight_tile[(column + 8u) * PITCH + k],
                weight_tile[(column + 16u) * PITCH + k],
                weight_tile[(column + 24u) * PITCH + k],
            );
            for (var t = 0u; t < 4u; t++) {
                sums[t] += input_tile[(line + 8u * t) * PITCH + k] * w;
            }
        }
    }
    for (var t = 0u; t < 4u; t++) {
        let token = first_token + line + 8u * t;
        if (token >= batch.x) {
            break;
        }
        for (var i = 0u; i < 4u; i++) {
            let row = first + column + 8u * i;
            if (is_paired()) {
                if (i < 2u && row < linear.rows) {
                    finish_pair(row, token, sums[t][i], sums[t][i + 2u]);
                }
            } else if (row < linear.rows) {
                finish(row, token, sums[t][i]);
            }
        }
    }
}
