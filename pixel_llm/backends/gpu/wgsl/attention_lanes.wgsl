// Attention of several new tokens of a text, whose keys are in the cache already, without workgroup memory: one subgroup
// a KV head and block of neighbouring tokens, for subgroups of 8.
//
// Lanes are queries: a lane keeps up to 2 of the block's queries, their sums and the running maxima (Milakov and
// Gimelshein 2018, Dao et al. 2022), so that nothing is reduced over lanes. Of 16 positions each lane reads two, and
// gets the others' keys and values from its neighbours. Positions and queries are written out instead of looped over:
// drivers would not unroll loops of this size, and arrays that a loop's variable indexes live in slow memory.
const LANES = 8u;
const POSITIONS = 16u;

// Scores or weights of 16 positions.
struct Scores {
    a: vec4f,
    b: vec4f,
    c: vec4f,
    d: vec4f,
}

// Four elements of 16 keys or values, a column each.
struct Columns {
    a: mat4x4f,
    b: mat4x4f,
    c: mat4x4f,
    d: mat4x4f,
}

struct Softmax {
    top: f32,
    shrink: f32, // what sums so far are multiplied with
    total: f32,
}

var<private> query_0: array<vec4f, QUADS>;
var<private> query_1: array<vec4f, QUADS>;
var<private> sums_0: array<vec4f, QUADS>;
var<private> sums_1: array<vec4f, QUADS>;

fn masked(score: vec4f, position: u32, query_position: u32) -> vec4f {
    var out = score;
    if (SOFTCAP > 0.0) {
        out = SOFTCAP * tanh(clamp(score / SOFTCAP, vec4f(-15.0), vec4f(15.0)));
    }
    let places = position + vec4u(0u, 1u, 2u, 3u);
    let seen = (places <= vec4u(query_position)) & (places < vec4u(heads.segment_end)) & (places >= vec4u(lowest(query_position)));
    return select(vec4f(LOWEST), out, seen);
}

fn weighted(score: vec4f, top: f32) -> vec4f {
    return select(exp(score - top), vec4f(0.0), score == vec4f(LOWEST));
}

// Scores become weights.
fn soften(scores: ptr<function, Scores>, softmax: ptr<function, Softmax>, tile: u32, query_position: u32) {
    let a = masked((*scores).a, tile, query_position);
    let b = masked((*scores).b, tile + 4u, query_position);
    let c = masked((*scores).c, tile + 8u, query_position);
    let d = masked((*scores).d, tile + 12u, query_position);
    let most = max(max(a, b), max(c, d));
    let top = max((*softmax).top, max(max(most.x, most.y), max(most.z, most.w)));
    (*scores).a = weighted(a, top);
    (*scores).b = weighted(b, top);
    (*scores).c = weighted(c, top);
    (*scores).d = weighted(d, top);
    let four = ((*scores).a + (*scores).b) + ((*scores).c + (*scores).d);
    (*softmax).shrink = exp((*softmax).top - top);
    (*softmax).top = top;
    (*softmax).total = (*softmax).total * (*softmax).shrink + ((four.x + four.y) + (four.z + four.w));
}

fn four_of(x: vec4f, lane: u32) -> mat4x4f {
    return mat4x4f(
        subgroupShuffle(x, lane),
        subgroupShuffle(x, lane + 1u),
        subgroupShuffle(x, lane + 2u),
        subgroupShuffle(x, lane + 3u),
    );
}

fn columns(first: vec4f, second: vec4f) -> Columns {
    return Columns(four_of(first, 0u), four_of(first, 4u), four_of(second, 0u), four_of(second, 4u));
}

fn score(scores: ptr<function, Scores>, query: vec4f, keys_of: Columns) {
    (*scores).a += query * keys_of.a;
    (*scores).b += query * keys_of.b;
    (*scores).c += query * keys_of.c;
    (*scores).d += query * keys_of.d;
}

fn mix(weights: Scores, values_of: Columns) -> vec4f {
    return (values_of.a * weights.a + values_of.b * weights.b) + (values_of.c * weights.c + values_of.d * weights.d);
}

// The block's query of this lane and `vector`: its token (a block that is not full repeats its last one), and its head.
fn place_of(vector: u32, lane: u32, tokens: u32) -> vec2u {
    let query = vector * LANES + lane;
    return vec2u(min(query / GROUP, tokens - 1u), query % GROUP);
}

fn resumed(row: u32, head: u32) -> Softmax {
    let before = running(row, head);
    return Softmax(before.x, 0.0, before.y);
}

@compute @workgroup_size(8)
fn attention_lanes(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) workgroup: vec3u) {
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

    let place_0 = place_of(0u, lane, tokens);
    let place_1 = place_of(1u, lane, tokens);
    let head_0 = kv_head * GROUP + place_0.y;
    let head_1 = kv_head * GROUP + place_1.y;
    let base_0 = (first + place_0.x) * QKV_STRIDE + head_0 * HEAD_DIM;
    let base_1 = (first + place_1.x) * QKV_STRIDE + head_1 * HEAD_DIM;
    let own_0 = position + place_0.x;
    let own_1 = position + place_1.x;
    let scale_0 = head_scale(base_0);
    let scale_1 = head_scale(base_1);
    for (var quad = 0u; quad < QUADS; quad++) {
        query_0[quad] = SCALE * rotated_quad(base_0, quad, scale_0, heads.q_norm, own_0);
        query_1[quad] = SCALE * rotated_quad(base_1, quad, scale_1, heads.q_norm, own_1);
    }

    var softmax_0 = Softmax(LOWEST, 0.0, 0.0);
    var softmax_1 = Softmax(LOWEST, 0.0, 0.0);
    if (heads.segment > lowest(position)) {
        softmax_0 = resumed(first + place_0.x, head_0);
        softmax_1 = resumed(first + place_1.x, head_1);
        for (var quad = 0u; quad < QUADS; quad++) {
            sums_0[quad] = softmax_0.total * mixed_quad(first + place_0.x, head_0, quad);
            sums_1[quad] = softmax_1.total * mixed_quad(first + place_1.x, head_1, quad);
        }
    }
    for (var tile = start; tile < end; tile += POSITIONS) {
        let at_first = cache + min(tile + lane, end - 1u) * QUADS;
        let at_second = cache + min(tile + LANES + lane, end - 1u) * QUADS;
        var scores_0 = Scores();
        var scores_1 = Scores();
        for (var quad = 0u; quad < QUADS; quad++) {
            let keys_of = columns(unpack(keys[at_first + quad]), unpack(keys[at_second + quad]));
            score(&scores_0, query_0[quad], keys_of);
            score(&scores_1, query_1[quad], keys_of);
        }
        soften(&scores_0, &softmax_0, tile, own_0);
        soften(&scores_1, &softmax_1, tile, own_1);
        for (var quad = 0u; quad < QUADS; quad++) {
            let values_of = columns(unpack(values[at_first + quad]), unpack(values[at_second + quad]));
            sums_0[quad] = softmax_0.shrink * sums_0[quad] + mix(scores_0, values_of);
            sums_1[quad] = softmax_1.shrink * sums_1[quad] + mix(scores_1, values_of);
        }
    }

    // Queries beyond the block's end are its last token's again.
    let there_0 = lane / GROUP < tokens;
    let there_1 = (LANES + lane) / GROUP < tokens;
    for (var quad = 0u; quad < QUADS; quad++) {
        if (there_0) {
            mix_quad(first + place_0.x, head_0, quad, sums_0[quad] / divisor(softmax_0.total));
        }
        if (there_1) {
            mix_quad(first + place_1.x, head_1, quad, sums_1[quad] / divisor(softmax_1.total));
        }
    }
    if (there_0) {
        keep_running(first + place_0.x, head_0, softmax_0.top, softmax_0.total);
    }
    if (there_1) {
        keep_running(first + place_1.x, head_1, softmax_1.top, softmax_1.total);
    }
}
