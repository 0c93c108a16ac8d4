// y = W·x for one row of activations, with the RMS norm before it and what `linear.wgsl` does after it.
//
// LANES invocations share ROWS rows and take every LANES-th block of 32 weights each: neighbours read neighbouring texels.
// A software adapter wants 1 lane and many rows, so that activations are loaded once for all of them.
// With PAIRED, gate and up are stacked in one matrix and half of the ROWS are rows of up.
fn matrix_row(first: u32, i: u32) -> u32 {
    if (PAIRED) {
        let half = ROWS / 2u;
        return min(first + i % half, linear.rows - 1u) + (i / half) * linear.rows;
    }
    return min(first + i, linear.rows - 1u);
}

@compute @workgroup_size(WORKGROUP)
fn matvec(@builtin(local_invocation_index) index: u32, @builtin(workgroup_id) workgroup: vec3u) {
    let per_team = select(ROWS, ROWS / 2u, PAIRED);
    let first = (workgroup.x * (WORKGROUP / LANES) + index / LANES) * per_team;
    var sums: array<f32, ROWS>;
    var squares = 0.0;
    for (var block = index % LANES; block < BLOCKS; block += LANES) {
        var x: array<vec4f, 8>;
        var all = vec4f(0.0);
        for (var i = 0u; i < 8u; i++) {
            x[i] = activations(block * 8u + i);
            if (NORM) {
                squares += dot(x[i], x[i]);
                x[i] *= norm_weights(block * 8u + i);
            }
            all += x[i];
        }
        let total = (all.x + all.y) + (all.z + all.w);
        for (var i = 0u; i < ROWS; i++) {
            sums[i] += weights_dot(matrix_row(first, i), block, &x, total);
        }
    }
    var scale = 1.0;
    if (NORM) {
        // RMS norm (Zhang and Sennrich 2019); the mean's root divides the sums.
        scale = inverseSqrt(reduce(squares, index) / f32(COLUMNS) + EPSILON);
    }
    for (var i = 0u; i < ROWS; i++) {
        sums[i] = scale * reduce(sums[i], index);
    }
    if (index % LANES != 0u) {
        return;
    }
    for (var i = 0u; i < per_team; i++) {
        if (first + i < linear.rows) {
            if (PAIRED) {
                finish_pair(first + i, 0u, sums[i], sums[i + ROWS / 2u]);
            } else {
                finish(first + i, 0u, sums[i]);
            }
        }
    }
}
