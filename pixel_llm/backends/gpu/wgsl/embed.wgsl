// Rows of the embeddings for token ids, scaled: one workgroup a token.
@group(0) @binding(2) var<storage, read> ids: array<u32>;
@group(0) @binding(3) var<storage, read_write> output: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn embed(@builtin(local_invocation_index) index: u32, @builtin(workgroup_id) workgroup: vec3u) {
    let token = workgroup.y;
    let id = min(ids[token], VOCABULARY - 1u);
    if (id < PART_FIRST || id - PART_FIRST >= PART_ROWS) {
        return;
    }
    for (var block = index; block < BLOCKS; block += WORKGROUP) {
        let w = weights(id - PART_FIRST, block);
        for (var i = 0u; i < 8u; i++) {
            var x = SCALE * w[i];
            let column = block * 32u + i * 4u;
            if (COLUMNS % 32u != 0u) {
                x = select(x, vec4f(0.0), vec4u(column, column + 1u, column + 2u, column + 3u) >= vec4u(COLUMNS));
            }
            output[token * (OUTPUT_STRIDE / 4u) + block * 8u + i] = x;
        }
    }
}
