// C = A · B for A of rows × inner, B of inner × columns, all stored row by row.
//
// Computed naively, each element of C reads a row of A and a column of B from memory: 2 · inner numbers for as many
// operations. Here a workgroup computes a tile of TILE × TILE elements together. It walks along `inner` in steps of TILE,
// and each step copies one tile of A and one of B into workgroup memory, each invocation one number of each; every number
// is then used TILE times from there. Memory traffic falls by the factor TILE.
//
// Tiles that stick out over an edge are filled up with zeros, which add nothing: no size needs to be a multiple of TILE.

struct Problem {
    rows: u32,
    inner: u32,
    columns: u32,
}

@group(0) @binding(2) var<storage, read_write> c: array<f32>;
@group(0) @binding(3) var<uniform> problem: Problem;

var<workgroup> tile_a: array<array<f32, TILE>, TILE>;
var<workgroup> tile_b: array<array<f32, TILE>, TILE>;

@compute @workgroup_size(TILE, TILE)
fn matmul(@builtin(local_invocation_id) local: vec3u, @builtin(workgroup_id) group: vec3u) {
    // x runs along columns, so that neighbouring invocations read and write neighbouring numbers of B and C.
    let row = group.y * TILE + local.y;
    let column = group.x * TILE + local.x;
    var sum = 0.0;
    for (var start = 0u; start < problem.inner; start += TILE) {
        var from_a = 0.0;
        if row < problem.rows && start + local.x < problem.inner {
            from_a = load_a(row * problem.inner + start + local.x);
        }
        var from_b = 0.0;
        if start + local.y < problem.inner && column < problem.columns {
            from_b = load_b((start + local.y) * problem.columns + column);
        }
        tile_a[local.y][local.x] = from_a;
        tile_b[local.y][local.x] = from_b;
        // All of the tiles must be there before anyone reads them …
        workgroupBarrier();
        var part = 0.0;
        for (var k = 0u; k < TILE; k++) {
            part += tile_a[local.y][k] * tile_b[k][local.x];
        }
        sum += part;
        // … and everyone must have read them before they are written again.
        workgroupBarrier();
    }
    if row < problem.rows && column < problem.columns {
        c[row * problem.columns + column] = sum;
    }
}
