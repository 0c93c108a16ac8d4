// The half of an RMS norm behind the product that needs no other row: the output is multiplied with the norm's weights,
// and each team leaves the sum of its rows' squares. Who reads the output divides by the mean's root (`residual_*.wgsl`).
const DEFERRED = true;

@group(0) @binding(8) var<storage, read_write> squares: array<f32>;

// The square of what the norm is of.
fn leave(row: u32, sum: f32) -> f32 {
    let at = linear.output + row;
    var value = sum;
    if (has_bias()) {
        value += vector(linear.bias + row);
    }
    output[at] = value * vector(4u * linear.norm + at);
    return value * value;
}

fn leave_squares(team: u32, squared: f32) {
    squares[linear.squares + team] = squared;
}
