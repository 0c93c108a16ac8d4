// The sum of a[i] · b[i], in two steps, because workgroups cannot wait for each other.
//
// Step 1, `dot_product`: invocation t of all T adds the products t, t + T, t + 2T, …: neighbours read neighbouring numbers,
// which a GPU fetches together. Then each workgroup adds its invocations' sums as a tree, in log2(WORKGROUP) rounds.
// Step 2 is `dot_product` again, with one workgroup, on the partial sums and ones (see `teaching.py`).
//
// A tree is also more accurate than one long sum: rounding errors grow with its depth, not with the number of addends.

struct Problem {
    length: u32,      // numbers in a and in b
    invocations: u32, // of the whole dispatch
}

@group(0) @binding(2) var<storage, read_write> partial_sums: array<f32>;
@group(0) @binding(3) var<uniform> problem: Problem;

var<workgroup> tree: array<f32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn dot_product(
    @builtin(global_invocation_id) global: vec3u,
    @builtin(local_invocation_index) lane: u32,
    @builtin(workgroup_id) group: vec3u,
) {
    // Four sums of their own: four additions can be under way at once, and each sum is shorter.
    var sums = vec4f(0.0);
    var i = global.x;
    let step = problem.invocations;
    for (; i + 3u * step < problem.length; i += 4u * step) {
        sums += vec4f(
            load_a(i) * load_b(i),
            load_a(i + step) * load_b(i + step),
            load_a(i + 2u * step) * load_b(i + 2u * step),
            load_a(i + 3u * step) * load_b(i + 3u * step),
        );
    }
    for (; i < problem.length; i += step) {
        sums.x += load_a(i) * load_b(i);
    }
    tree[lane] = (sums.x + sums.y) + (sums.z + sums.w);

    for (var width = u32(WORKGROUP) / 2u; width > 0u; width /= 2u) {
        workgroupBarrier();
        if lane < width {
            tree[lane] += tree[lane + width];
        }
    }
    if lane == 0u {
        partial_sums[group.x] = tree[0];
    }
}
