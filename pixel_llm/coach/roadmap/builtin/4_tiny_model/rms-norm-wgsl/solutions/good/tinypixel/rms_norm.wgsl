// RMS norm of rows: one workgroup a row.
override COLUMNS: u32 = 1u;
override EPS: f32 = 0.00001;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> weight: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

var<workgroup> sums: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let start = group.x * COLUMNS;
  var sum = 0.0;
  for (var i = lane; i < COLUMNS; i += 64u) {
    let value = x[start + i];
    sum += value * value;
  }
  sums[lane] = sum;
  workgroupBarrier();
  for (var half = 32u; half > 0u; half >>= 1u) {
    if (lane < half) {
      sums[lane] += sums[lane + half];
    }
    workgroupBarrier();
  }
  let factor = inverseSqrt(sums[0] / f32(COLUMNS) + EPS);
  for (var i = lane; i < COLUMNS; i += 64u) {
    y[start + i] = x[start + i] * factor * weight[i];
  }
}
