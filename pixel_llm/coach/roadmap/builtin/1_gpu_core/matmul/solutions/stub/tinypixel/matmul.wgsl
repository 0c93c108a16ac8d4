override M: u32 = 1u;
override K: u32 = 1u;
override N: u32 = 1u;
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;
@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) at: vec3u) {
  if (at.y < M && at.x < N) {
    c[at.y * N + at.x] = 0.0 * f32(a[0]) * f32(b[0]) * f32(K);
  }
}
