// One query's attention, a workgroup a head: online softmax over the positions, lanes stride over them.
override HEADS: u32 = 1u;
override KV_HEADS: u32 = 1u;
override DIM: u32 = 64u;
override LENGTH: u32 = 1u;
override SCALE: f32 = 1.0;

@group(0) @binding(0) var<storage, read> q: array<f32>;
@group(0) @binding(1) var<storage, read> k: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

const LANES = 16u;
const MOST = 128u;
const LOWEST = -3.0e38;
var<workgroup> tops: array<f32, 16>;
var<workgroup> totals: array<f32, 16>;
var<workgroup> mixed: array<f32, 2048>;

@compute @workgroup_size(16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let head = group.x;
  let kv = head / (HEADS / KV_HEADS);
  var top = LOWEST;
  var total = 0.0;
  var sum: array<f32, 128>;
  for (var d = 0u; d < DIM; d++) {
    sum[d] = 0.0;
  }
  for (var p = lane; p < LENGTH; p += LANES) {
    let row = (p * KV_HEADS + kv) * DIM;
    var score = 0.0;
    for (var d = 0u; d < DIM; d++) {
      score += q[head * DIM + d] * k[row + d];
    }
    score *= SCALE;
    let next = max(top, score);
    let keep = exp(top - next);
    let weight = exp(score - next);
    total = total * keep + weight;
    for (var d = 0u; d < DIM; d++) {
      sum[d] = sum[d] * keep + weight * v[row + d];
    }
    top = next;
  }
  tops[lane] = top;
  totals[lane] = total;
  for (var d = 0u; d < DIM; d++) {
    mixed[lane * MOST + d] = sum[d];
  }
  workgroupBarrier();
  var highest = LOWEST;
  for (var i = 0u; i < LANES; i++) {
    highest = max(highest, tops[i]);
  }
  var all = 0.0;
  for (var i = 0u; i < LANES; i++) {
    all += totals[i] * exp(tops[i] - highest);
  }
  for (var d = lane; d < DIM; d += LANES) {
    var value = 0.0;
    for (var i = 0u; i < LANES; i++) {
      value += mixed[i * MOST + d] * exp(tops[i] - highest);
    }
    out[head * DIM + d] = value / all;
  }
}
