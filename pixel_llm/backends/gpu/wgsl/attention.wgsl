// Attention of a token to the positions before it and itself: one workgroup a KV head, split of the positions and token.
//
// The GROUP query heads of a KV head share what is read of the cache. Positions are taken TILE at a time with a running
// maximum (Milakov and Gimelshein 2018, Dao et al. 2022); a split's unfinished sums go to `partials`, for
// `combine.wgsl`, unless it is the only one (flash decoding, Dao et al. 2023).
// The token's own key and value are not in the cache yet: the last split takes them from `qkv`, and puts them there.
@group(0) @binding(7) var<storage, read_write> mixed: array<f32>;
@group(0) @binding(8) var<storage, read_write> partials: array<vec4f>;

const LOWEST = -3.0e38;
const OWN_QUADS = (QUADS + WORKGROUP - 1u) / WORKGROUP;

var<workgroup> queries: array<vec4f, GROUP * QUADS>;
var<workgroup> newest_key: array<vec4f, QUADS>;
var<workgroup> newest_value: array<vec4f, QUADS>;
var<workgroup> scores: array<f32, GROUP * TILE>;
var<workgroup> highest: array<f32, GROUP * WORKGROUP>;

fn capped(score: f32) -> f32 {
    if (SOFTCAP > 0.0) {
        return SOFTCAP * tanh(clamp(score / SOFTCAP, -15.0, 15.0));
    }
    return score;
}

@compute @workgroup_size(WORKGROUP)
fn attention(@builtin(local_invocation_index) index: u32, @builtin(workgroup_id) workgroup: vec3u) {
    let kv_head = workgroup.x;
    let split = workgroup.y;
    let token = workgroup.z;
    let row = rows[token];
    let position = row.y;
    let length = position + 1u;
    var low = 0u;
    if (WINDOW > 0u && length > WINDOW) {
        low = length - WINDOW;
    }
    let start = low + split * row.z;
    if (start >= length) {
        return;
    }
    let end = min(start + row.z, length);
    let appends = end == length;
    let base = token * QKV_STRIDE;
    let cache = cache_at(row.x, kv_head, 0u);

    for (var i = index; i < GROUP * QUADS; i += WORKGROUP) {
        let query_base = base + (kv_head * GROUP + i / QUADS) * HEAD_DIM;
        queries[i] = SCALE * rotated_quad(query_base, i % QUADS, head_scale(query_base), heads.q_norm, position);
    }
    if (appends) {
        let key_base = base + (HEADS + kv_head) * HEAD_DIM;
        let scale = head_scale(key_base);
        for (var quad = index; quad < QUADS; quad += WORKGROUP) {
            let key = pack(rotated_quad(key_base, quad, scale, heads.k_norm, position));
            let value = pack(plain_quad(key_base + KV_HEADS * HEAD_DIM, quad));
            keys[cache + position * QUADS + quad] = key;
            values[cache + position * QUADS + quad] = value;
            newest_key[quad] = unpack(key);
            newest_value[quad] = unpack(value);
        }
    }
    workgroupBarrier();

    // The newest token begins the sums where it is this split's: branches inside the loops below would cost a software
    // adapter both of their sides in every round.
    var top: array<f32, GROUP>;
    var weight: array<f32, GROUP>;
    var sums: array<array<vec4f, OWN_QUADS>, GROUP>;
    for (var g = 0u; g < GROUP; g++) {
        top[g] = LOWEST;
        if (appends) {
            var score = 0.0;
            for (var quad = 0u; quad < QUADS; quad++) {
                score += dot(newest_key[quad], queries[g * QUADS + quad]);
            }
            top[g] = capped(score);
            weight[g] = 1.0;
            for (var i = 0u; i < OWN_QUADS; i++) {
                sums[g][i] = newest_value[min(index + i * WORKGROUP, QUADS - 1u)];
            }
        }
    }
    let cached_end = select(end, end - 1u, appends);
    for (var tile = start; tile < cached_end; tile += TILE) {
        let count = min(TILE, cached_end - tile);
        var own_top: array<f32, GROUP>;
        for (var g = 0u; g < GROUP; g++) {
            own_top[g] = LOWEST;
        }
        for (var j = index; j < count; j += WORKGROUP) {
            // Spelled out: wgpu 29 does not clear a variable anew in each round.
            var score = array<f32, GROUP>();
            let at = cache + (tile + j) * QUADS;
            for (var quad = 0u; quad < QUADS; quad++) {
                let key = unpack(keys[at + quad]);
                for (var g = 0u; g < GROUP; g++) {
                    score[g] += dot(key, queries[g * QUADS + quad]);
                }
            }
            for (var g = 0u; g < GROUP; g++) {
                let now = capped(score[g]);
                scores[g * TILE + j] = now;
                own_top[g] = max(own_top[g], now);
            }
        }
        for (var g = 0u; g < GROUP; g++) {
            highest[g * WORKGROUP + index] = own_top[g];
        }
        workgroupBarrier();
        for (var g = 0u; g < GROUP; g++) {
            var now = top[g];
            for (var i = 0u; i < WORKGROUP; i++) {
                now = max(now, highest[g * WORKGROUP + i]);
            }
            let shrink = exp(top[g] - now);
            top[g] = now;
            weight[g] *= shrink;
            for (var i = 0u; i < OWN_QUADS; i++) {
                sums[g][i] *= shrink;
            }
            for (var j = index; j < count; j += WORKGROUP) {
                scores[g * TILE + j] = exp(scores[g * TILE + j] - now);
            }
        }
        workgroupBarrier();
        for (var j = 0u; j < count; j++) {
            let at = cache + (tile + j) * QUADS;
            var value: array<vec4f, OWN_QUADS>;
            for (var i = 0u; i < OWN_QUADS; i++) {
                // Invocations beyond the head's end read its last four elements, and write nothing.
                value[i] = unpack(values[at + min(index + i * WORKGROUP, QUADS - 1u)]);
            }
            for (var g = 0u; g < GROUP; g++) {
                let score = scores[g * TILE + j];
                weight[g] += score;
                for (var i = 0u; i < OWN_QUADS; i++) {
                    sums[g][i] += score * value[i];
                }
            }
        }
        workgroupBarrier();
    }

    for (var g = 0u; g < GROUP; g++) {
        let head = kv_head * GROUP + g;
        let part = ((token * HEADS + head) * row.w + split) * (QUADS + 1u);
        for (var i = 0u; i < OWN_QUADS; i++) {
            let quad = index + i * WORKGROUP;
            if (quad < QUADS) {
                if (row.w > 1u) {
                    partials[part + quad] = sums[g][i];
                } else {
                    let out = sums[g][i] / weight[g];
                    for (var c = 0u; c < 4u; c++) {
                        if (quad * 4u + c < HEAD_DIM) {
                            mixed[token * MIXED_STRIDE + head * HEAD_DIM + quad * 4u + c] = out[c];
                        }
                    }
                }
            }
        }
        if (row.w > 1u && index == 0u) {
            partials[part + QUADS] = vec4f(top[g], weight[g], 0.0, 0.0);
        }
    }
}
