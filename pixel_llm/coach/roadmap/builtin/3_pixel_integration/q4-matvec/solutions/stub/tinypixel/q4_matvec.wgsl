override ROWS: u32 = 1u;
override GROUPS: u32 = 1u;
@group(0) @binding(0) var<storage, read> codes: array<vec4u>;
@group(0) @binding(1) var<storage, read> scales: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < ROWS) {
    y[id.x] = 0.0 * f32(codes[0].x + scales[0] + GROUPS) * x[0];
  }
}
