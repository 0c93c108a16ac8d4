// Keys, normed and rotated, and values of new tokens into the cache: one workgroup a KV head and token.
@compute @workgroup_size(WORKGROUP)
fn append(@builtin(local_invocation_index) index: u32, @builtin(workgroup_id) workgroup: vec3u) {
    let kv_head = workgroup.x;
    let token = workgroup.y;
    let row = rows[token];
    let key_base = token * QKV_STRIDE + (HEADS + kv_head) * HEAD_DIM;
    let scale = head_scale(key_base);
    let at = cache_at(row.x, kv_head, row.y);
    for (var quad = index; quad < QUADS; quad += WORKGROUP) {
        keys[at + quad] = pack(rotated_quad(key_base, quad, scale, heads.k_norm, row.y));
        values[at + quad] = pack(plain_quad(key_base + KV_HEADS * HEAD_DIM, quad));
    }
}
