// Two arrays of 16-bit floats, two to a word, the first in the low half. Unpacking needs no `shader-f16`, and sums stay
// in 32 bits: halves save memory bandwidth here, not accuracy of the arithmetic.

@group(0) @binding(0) var<storage, read> a: array<u32>;
@group(0) @binding(1) var<storage, read> b: array<u32>;

fn load_a(i: u32) -> f32 {
    return unpack2x16float(a[i / 2u])[i % 2u];
}

fn load_b(i: u32) -> f32 {
    return unpack2x16float(b[i / 2u])[i % 2u];
}
