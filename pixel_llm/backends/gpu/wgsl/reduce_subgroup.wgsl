// The sum over the LANES neighbouring invocations that share rows; LANES is at most the subgroup's size.
fn reduce(value: f32, index: u32) -> f32 {
    var sum = value;
    for (var step = LANES / 2u; step > 0u; step /= 2u) {
        sum += subgroupShuffleXor(sum, step);
    }
    return sum;
}
