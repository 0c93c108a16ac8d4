// What the products of weights and activations share: their bindings, and what becomes of a sum.
//
// Activations are float32 rows whose strides are multiples of 32; what lies between a row's end and the next row is zero.
struct Linear {
    rows: u32, // of the matrix; with gate and up stacked, of each of the two
    norm: u32, // where the weights of the norm before it or behind it begin in `vectors`, in vec4f
    bias: u32, // where the bias begins in `vectors`, in f32
    up_bias: u32,
    output: u32, // added to the row's number: its column in a row of the output
    squares: u32, // partial sums of an update: how many are read, or where those of these rows begin
    // The rest is for kernels with `options_uniform.wgsl`.
    flags: u32, // bias 1, add 2, gated 4, GELU 8, paired 16
    softcap: u32, // the bits of an f32
    blocks: u32, // of 32 weights a row
    input_stride: u32,
    output_stride: u32,
    row_texels: u32,
    row_scales: u32,
    groups: u32,
    team_rows: u32,
}

@group(0) @binding(3) var<storage, read> vectors: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> output: array<f32>;
@group(0) @binding(5) var<uniform> linear: Linear;

fn vector(at: u32) -> f32 {
    return vectors[at / 4u][at % 4u];
}

fn activate(x: f32) -> f32 {
    if (is_gelu()) {
        // GELU's tanh approximation (Hendrycks and Gimpel 2016); tanh is 1 in float32 well before 15.
        let inner = 0.7978845608028654 * (x + 0.044715 * x * x * x);
        return 0.5 * x * (1.0 + tanh(clamp(inner, -15.0, 15.0)));
    }
    return x / (1.0 + exp(clamp(-x, -80.0, 80.0)));
}

// The sum of `row` for `token`: with its bias into the output, added to what is there, or multiplied with the activated
// gate that is there.
fn finish(row: u32, token: u32, sum: f32) {
    let at = token * output_stride() + linear.output + row;
    var value = sum;
    if (has_bias()) {
        value += vector(linear.bias + row);
    }
    if (softcap() > 0.0) {
        value = softcap() * tanh(clamp(value / softcap(), -15.0, 15.0));
    }
    if (adds()) {
        value += output[at];
    }
    if (is_gated()) {
        value *= activate(output[at]);
    }
    output[at] = value;
}

// The sums of a row of the gate and of the same row of up.
fn finish_pair(row: u32, token: u32, gate_sum: f32, up_sum: f32) {
    var gate = gate_sum;
    var up = up_sum;
    if (has_bias()) {
        gate += vector(linear.bias + row);
        up += vector(linear.up_bias + row);
    }
    output[token * output_stride() + linear.output + row] = activate(gate) * up;
}
