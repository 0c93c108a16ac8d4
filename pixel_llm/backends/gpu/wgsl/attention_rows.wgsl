// Attention of several new tokens of a text, whose keys are in the cache already: one workgroup a KV head and block of
// neighbouring tokens.
//
// The GROUP query heads of up to BLOCK_TOKENS tokens share what is read of the cache, TILE positions at a time with a
// running maximum (Milakov and Gimelshein 2018, Dao et al. 2022).
const OWN_QUADS = (QUADS + WORKGROUP - 1u) / WORKGROUP;
const QUERIES = GROUP * BLOCK_TOKENS; // query q is head q % GROUP of token q / GROUP

var<workgroup> queries: array<vec4f, QUERIES * QUADS>;
var<workgroup> scores: array<f32, QUERIES * TILE>;
var<workgroup> highest: array<f32, QUERIES * WORKGROUP>;

fn capped(score: f32) -> f32 {
    if (SOFTCAP > 0.0) {
        return SOFTCAP * tanh(clamp(score / SOFTCAP, -15.0, 15.0));
    }
    return score;
}

@compute @workgroup_size(WORKGROUP)
fn attention_rows(@builtin(local_invocation_index) index: u32, @builtin(workgroup_id) workgroup: vec3u) {
    let kv_head = workgroup.x;
    let first = blocks[workgroup.y].x;
    let tokens = blocks[workgroup.y].y;
    let slot = rows[first].x;
    let position = rows[first].y;
    let start = max(lowest(position), heads.segment);
    let end = min(position + tokens, heads.segment_end);
    if (start >= end) {
        return;
    }
    let cache = cache_at(slot, kv_head, 0u);

    for (var i = index; i < QUERIES * QUADS; i += WORKGROUP) {
        let q = i / QUADS;
        // A block that is not full repeats its last token, and writes it once.
        let token = min(q / GROUP, tokens - 1u);
        let base = (first + token) * QKV_STRIDE + (kv_head * GROUP + q % GROUP) * HEAD_DIM;
        queries[i] = SCALE * rotated_quad(base, i % QUADS, head_scale(base), heads.q_norm, position + token);
    }
    workgroupBarrier();

    var top: array<f32, QUERIES>;
    var weight: array<f32, QUERIES>;
    var sums: array<array<vec4f, OWN_QUADS>, QUERIES>;
    for (var q = 0u; q < QUERIES; q++) {
        top[q] = LOWEST;
        if (heads.segment > lowest(position)) {
            let row = first + min(q / GROUP, tokens - 1u);
            let head = kv_head * GROUP + q % GROUP;
            let before = running(row, head);
            top[q] = before.x;
            weight[q] = before.y;
            for (var i = 0u; i < OWN_QUADS; i++) {
                sums[q][i] = before.y * mixed_quad(row, head, min(index + i * WORKGROUP, QUADS - 1u));
            }
        }
    }
    for (var tile = start; tile < end; tile += TILE) {
        let count = min(TILE, end - tile);
        var own_top: array<f32, QUERIES>;
        for (var q = 0u; q < QUERIES; q++) {
            own_top[q] = LOWEST;
        }
        // Four positions at a time: the queries are read once for them.
        for (var j = index; j < count; j += 4u * WORKGROUP) {
            // Spelled out: wgpu 29 does not clear a variable anew in each round.
            var score = array<vec4f, QUERIES>();
            let at = cache + (tile + min(vec4u(j, j + WORKGROUP, j + 2u * WORKGROUP, j + 3u * WORKGROUP),
                vec4u(count - 1u))) * QUADS;
            for (var quad = 0u; quad < QUADS; quad++) {
                let four = mat4x4f(
                    unpack(keys[at.x + quad]),
                    unpack(keys[at.y + quad]),
                    unpack(keys[at.z + quad]),
                    unpack(keys[at.w + quad]),
                );
                for (var q = 0u; q < QUERIES; q++) {
                    score[q] += queries[q * QUADS + quad] * four;
                }
            }
            for (var q = 0u; q < QUERIES; q++) {
                let own = position + q / GROUP;
                for (var c = 0u; c < 4u; c++) {
                    let place = j + c * WORKGROUP;
                    let seen = tile + place <= own && tile + place >= lowest(own);
                    let now = select(LOWEST, capped(score[q][c]), seen);
                    if (place < count) {
                        scores[q * TILE + place] = now;
                        own_top[q] = max(own_top[q], now);
                    }
                }
            }
        }
        for (var q = 0u; q < QUERIES; q++) {
            highest[q * WORKGROUP + index] = own_top[q];
        }
        workgroupBarrier();
        for (var q = 0u; q < QUERIES; q++) {
            var now = top[q];
            for (var i = 0u; i < WORKGROUP; i++) {
                now = max(now, highest[q * WORKGROUP + i]);
            }
            let shrink = exp(top[q] - now);
            top[q] = now;
            weight[q] *= shrink;
            for (var i = 0u; i < OWN_QUADS; i++) {
                sums[q][i] *= shrink;
            }
            for (var j = index; j < count; j += WORKGROUP) {
                let score = scores[q * TILE + j];
                scores[q * TILE + j] = select(exp(score - now), 0.0, score == LOWEST);
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
            for (var q = 0u; q < QUERIES; q++) {
                let score = scores[q * TILE + j];
                weight[q] += score;
                for (var i = 0u; i < OWN_QUADS; i++) {
                    sums[q][i] += score * value[i];
                }
            }
        }
        workgroupBarrier();
    }

    for (var q = 0u; q < QUERIES; q++) {
        let token = q / GROUP;
        if (token < tokens) {
            let head = kv_head * GROUP + q % GROUP;
            for (var i = 0u; i < OWN_QUADS; i++) {
                mix_quad(first + token, head, index + i * WORKGROUP, sums[q][i] / divisor(weight[q]));
            }
            if (index == 0u) {
                keep_running(first + token, head, top[q], weight[q]);
            }
        }
    }
}
