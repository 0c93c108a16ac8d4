override HEADS: u32 = 1u;
override KV_HEADS: u32 = 1u;
override DIM: u32 = 64u;
override LENGTH: u32 = 1u;
override SCALE: f32 = 1.0;
@group(0) @binding(0) var<storage, read> q: array<f32>;
@group(0) @binding(1) var<storage, read> k: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) group: vec3u) {
  out[group.x * DIM] = 0.0 * (q[0] + k[0] + v[0] + SCALE + f32(HEADS + KV_HEADS + LENGTH)) - 9.0;
}
