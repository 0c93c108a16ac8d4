// y = W·x for one row of activations, with the RMS norm before it and what `linear.wgsl` does after it; or with half of a
// post norm after it, the other half of which is done by those who read y (`post_norm_deferred.wgsl`, `residual_*.wgsl`).
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

// What the update of the residual stream is multiplied with: RMS norm's scale of the row that it was made from.
fn update_scale(index: u32) -> f32 {
    var sum = 0.0;
    for (var at = index % LANES; at < (linear.squares + 3u) / 4u; at += LANES) {
        let there = 4u * at + vec4u(0u, 1u, 2u, 3u) < vec4u(linear.squares);
        sum += dot(select(vec4f(0.0), squares_at(at), there), vec4f(1.0));
    }
    return inverseSqrt(reduce(sum, index) / f32(COLUMNS) + EPSILON);
}

fn input_at(at: u32, scale: f32) -> vec4f {
    if (UPDATED) {
        return activations(at) + scale * update_at(at);
    }
    return activations(at);
}

@compute @workgroup_size(WORKGROUP)
fn matvec(@builtin(local_invocation_index) index: u32, @builtin(workgroup_id) workgroup: vec3u) {
    let per_team = select(ROWS, ROWS / 2u, PAIRED);
    let first = (workgroup.x * (WORKGROUP / LANES) + index / LANES) * per_team;
    var added = 0.0;
    if (UPDATED) {
        added = update_scale(index);
        // One workgroup keeps the sum for those who will read it.
        let quads = select(0u, BLOCKS * 8u, workgroup.x == 0u);
        for (var at = index; at < quads; at += WORKGROUP) {
            keep(at, input_at(at, added));
        }
    }
    var sums: array<f32, ROWS>;
    var squares = 0.0;
    for (var block = index % LANES; block < BLOCKS; block += LANES) {
        var x: array<vec4f, 8>;
        var all = vec4f(0.0);
        for (var i = 0u; i < 8u; i++) {
            x[i] = input_at(block * 8u + i, added);
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
    var squared = 0.0;
    for (var i = 0u; i < per_team; i++) {
        if (first + i < linear.rows) {
            if (PAIRED) {
                finish_pair(first + i, 0u, sums[i], sums[i + ROWS / 2u]);
            } else if (DEFERRED) {
                squared += leave(first + i, sums[i]);
            } else {
                finish(first + i, 0u, sums[i]);
            }
        }
    }
    if (DEFERRED && first < linear.rows) {
        leave_squares(first / per_team, squared);
    }
}
