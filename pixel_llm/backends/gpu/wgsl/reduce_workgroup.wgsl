// The sum over the LANES neighbouring invocations that share rows, through workgroup memory.
var<workgroup> reduced: array<f32, WORKGROUP>;

fn reduce(value: f32, index: u32) -> f32 {
    workgroupBarrier();
    reduced[index] = value;
    for (var step = LANES / 2u; step > 0u; step /= 2u) {
        workgroupBarrier();
        if (index % LANES < step) {
            reduced[index] += reduced[index + step];
        }
    }
    workgroupBarrier();
    return reduced[index - index % LANES];
}
