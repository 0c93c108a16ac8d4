// Two arrays of 32-bit floats, read one number at a time. `numbers_f16.wgsl` is the same for packed halves: a kernel
// that is put behind either of them does not know which numbers it reads.

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;

fn load_a(i: u32) -> f32 {
    return a[i];
}

fn load_b(i: u32) -> f32 {
    return b[i];
}
