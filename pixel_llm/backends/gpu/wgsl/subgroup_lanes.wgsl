// Which place of its subgroup an invocation of a workgroup of 8 has, and the subgroup's size.
@group(0) @binding(0) var<storage, read_write> lanes: array<vec2u, 8>;

@compute @workgroup_size(8)
fn subgroup_lanes(
    @builtin(local_invocation_index) index: u32,
    @builtin(subgroup_invocation_id) lane: u32,
    @builtin(subgroup_size) size: u32,
) {
    lanes[index] = vec2u(lane, size);
}
