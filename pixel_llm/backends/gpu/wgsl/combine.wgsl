// The splits of `attention.wgsl` put together: one workgroup a query head and token.
@group(0) @binding(0) var<storage, read> partials: array<vec4f>;
@group(0) @binding(1) var<storage, read> rows: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> mixed: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn combine(@builtin(local_invocation_index) index: u32, @builtin(workgroup_id) workgroup: vec3u) {
    let head = workgroup.x;
    let token = workgroup.y;
    let row = rows[token];
    var length = row.y + 1u;
    if (WINDOW > 0u) {
        length = min(length, WINDOW);
    }
    let splits = min((length + row.z - 1u) / row.z, row.w);
    let base = (token * HEADS + head) * row.w * (QUADS + 1u);
    var top = -3.0e38;
    for (var s = 0u; s < splits; s++) {
        top = max(top, partials[base + s * (QUADS + 1u) + QUADS].x);
    }
    var weight = 0.0;
    for (var s = 0u; s < splits; s++) {
        let state = partials[base + s * (QUADS + 1u) + QUADS];
        weight += state.y * exp(state.x - top);
    }
    for (var quad = index; quad < QUADS; quad += WORKGROUP) {
        var sum = vec4f(0.0);
        for (var s = 0u; s < splits; s++) {
            let part = base + s * (QUADS + 1u);
            sum += exp(partials[part + QUADS].x - top) * partials[part + quad];
        }
        for (var c = 0u; c < 4u; c++) {
            if (quad * 4u + c < HEAD_DIM) {
                mixed[token * MIXED_STRIDE + head * HEAD_DIM + quad * 4u + c] = sum[c] / weight;
            }
        }
    }
}
