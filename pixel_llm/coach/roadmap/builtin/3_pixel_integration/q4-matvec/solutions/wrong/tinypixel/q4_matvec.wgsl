// y = W · x for 4-bit weights in groups of 32, one invocation a row.
override ROWS: u32 = 1u;
override GROUPS: u32 = 1u;

@group(0) @binding(0) var<storage, read> codes: array<vec4u>;
@group(0) @binding(1) var<storage, read> scales: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let row = id.x;
  if (row >= ROWS) {
    return;
  }
  var sum = 0.0;
  for (var g = 0u; g < GROUPS; g++) {
    let group = codes[row * GROUPS + g];
    let pair = unpack2x16float(scales[row * GROUPS + g]);
    var products = 0.0;
    var total = 0.0;
    for (var word = 0u; word < 4u; word++) {
      let bits = group[word];
      for (var byte = 0u; byte < 4u; byte++) {
        let both = bits >> (8u * byte);
        let at = g * 32u + word * 4u + byte;
        products += f32(both & 15u) * x[at] + f32((both >> 4u) & 15u) * x[at + 16u];
        total += 1.0;
      }
    }
    sum += pair.x * products + pair.y * total;
  }
  y[row] = sum;
}
