// C = A · B in float32, tiles of 16 x 16 through workgroup memory.
override M: u32 = 1u;
override K: u32 = 1u;
override N: u32 = 1u;

@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;

const T = 16u;
var<workgroup> left: array<f32, 256>;
var<workgroup> right: array<f32, 256>;

@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) at: vec3u) {
  let row = group.y * T + at.y;
  let column = group.x * T + at.x;
  var sum = 0.0;
  for (var start = 0u; start + T <= K; start += T) {
    let i = at.y * T + at.x;
    left[i] = 0.0;
    right[i] = 0.0;
    if (row < M && start + at.x < K) {
      left[i] = a[row * K + start + at.x];
    }
    if (start + at.y < K && column < N) {
      right[i] = b[(start + at.y) * N + column];
    }
    workgroupBarrier();
    for (var k = 0u; k < T; k++) {
      sum += left[at.y * T + k] * right[k * T + at.x];
    }
    workgroupBarrier();
  }
  if (row < M && column < N) {
    c[row * N + column] = sum;
  }
}
