// RMS norm (Zhang and Sennrich 2019) of rows: one workgroup a row. With ADD the result is added to the output's row.
struct Norm {
    weights: u32, // where the weights begin in `vectors`, in vec4f
}

@group(0) @binding(0) var<storage, read> input: array<vec4f>;
@group(0) @binding(1) var<storage, read> vectors: array<vec4f>;
@group(0) @binding(2) var<storage, read> picked: array<u32>; // with PICK, the input's row of each output row
@group(0) @binding(3) var<storage, read_write> output: array<vec4f>;
@group(0) @binding(4) var<uniform> norm: Norm;

var<workgroup> squares: array<f32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn rms_norm(@builtin(local_invocation_index) index: u32, @builtin(workgroup_id) workgroup: vec3u) {
    var row = workgroup.y;
    if (PICK) {
        row = picked[row];
    }
    let from_row = row * (INPUT_STRIDE / 4u);
    let to_row = workgroup.y * (OUTPUT_STRIDE / 4u);
    var own = 0.0;
    for (var i = index; i < QUADS; i += WORKGROUP) {
        let x = input[from_row + i];
        own += dot(x, x);
    }
    squares[index] = own;
    workgroupBarrier();
    var sum = 0.0;
    for (var i = 0u; i < WORKGROUP; i++) {
        sum += squares[i];
    }
    let scale = inverseSqrt(sum / f32(COLUMNS) + EPSILON);
    for (var i = index; i < QUADS; i += WORKGROUP) {
        var y = input[from_row + i] * scale * vectors[norm.weights + i];
        if (ADD) {
            y += output[to_row + i];
        }
        output[to_row + i] = y;
    }
}
