// Reads a buffer from end to end, as fast as the memory gives it: neighbours read neighbouring 16 bytes. The sums keep the
// compiler from leaving the reads out.
@group(0) @binding(0) var<storage, read> data: array<vec4u>;
@group(0) @binding(1) var<storage, read_write> sums: array<vec4u>;

@compute @workgroup_size(WORKGROUP)
fn read_bandwidth(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let step = groups.x * u32(WORKGROUP);
    var sum = vec4u(0u);
    for (var i = id.x; i < arrayLength(&data); i += step) {
        sum ^= data[i];
    }
    sums[id.x] = sum;
}
