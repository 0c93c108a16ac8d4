@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> parts: array<f32>;
override LENGTH: u32 = 0u;
override GROUPS: u32 = 1u;
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u) {
  parts[group.x] = 0.0 * a[0] * b[0];
}
