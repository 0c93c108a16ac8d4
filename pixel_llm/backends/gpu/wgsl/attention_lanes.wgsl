// Attention of several new tokens of a text, whose keys are in the cache already, without workgroup memory: one subgroup
// a KV head and block of neighbouring tokens, for subgroups of 8.
//
// Lanes are queries: a lane keeps up to 2 of the block's queries, their sums and the running maxima (Milakov and
// Gimelshein 2018, Dao et al. 2022), so that nothing is reduced over lanes. Of 16 positions each lane reads two, and
// gets the others' keys and values from its neighbours. Positions and queries are written out instead of looped over:
// drivers would not unroll loops of this size, and arrays that a loop's variable indexes live in slow memory.
@group(0) @binding(7) var<storage, read_write> mixed: array<f32>;
@group(0) @binding(8) var<storage, read> blocks: array<vec2u>; // the first token's row, and how many tokens

const LOWEST = -3.0e38;
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

var<private> own: vec2u; // positions of the lane's queries
var<private> query_0: array<vec4f, QUADS>;
var<private> query_1: array<vec4f, QUADS>;
var<private> sums_0: array<vec4f, QUADS>;
var<private> sums_1: array<vec4f, QUADS>;

fn lowest(position: u32) -> u32 {
    if (WINDOW > 0u && position + 1u > WINDOW) {
        return position + 1u - WINDOW;
    }
    return 0u;
}

fn masked(score: vec4f, position: u32, query_position: u32) -> vec4f {
    var out = score;
    if (SOFTCAP > 0.0) {
        out = SOFTCAP * tanh(clamp(score / SOFTCAP, vec4f(-15.0), vec4f(15.0)));
    }
    let places = position + vec4u(0u, 1u, 2u, 3u);
    let seen = (places <= vec4u(query_position)) & (places >= vec4u(lowest(query_position)));
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

fn query_quad(base: u32, quad: u32, scale: f32, position: u32) -> vec4f {
    return SCALE * rotated_quad(base, quad, scale, heads.q_norm, position);
}

fn write(base: u32, quad: u32, value: vec4f) {
    for (var c = 0u; c < 4u; c++) {
        if (quad * 4u + c < HEAD_DIM) {
            mixed[base + quad * 4u + c] = value[c];
        }
    }
}

@compute @workgroup_size(8)
fn attention_lanes(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) workgroup: vec3u) {
    let kv_head = workgroup.x;
    let first = blocks[workgroup.y].x;
    let tokens = blocks[workgroup.y].y;
    let slot = rows[first].x;
    let position = rows[first].y;
    let end = position + tokens;
    let cache = cache_at(slot, kv_head, 0u);

    let place_0 = place_of(0u, lane, tokens);
    let place_1 = place_of(1u, lane, tokens);
    let bases = (first + vec2u(place_0.x, place_1.x)) * QKV_STRIDE
        + (kv_head * GROUP + vec2u(place_0.y, place_1.y)) * HEAD_DIM;
    own = position + vec2u(place_0.x, place_1.x);
    let scales = vec2f(head_scale(bases.x), head_scale(bases.y));
    for (var quad = 0u; quad < QUADS; quad++) {
        query_0[quad] = query_quad(bases.x, quad, scales.x, own.x);
        query_1[quad] = query_quad(bases.y, quad, scales.y, own.y);
    }

    var softmax_0 = Softmax(LOWEST, 0.0, 0.0);
    var softmax_1 = Softmax(LOWEST, 0.0, 0.0);
    for (var tile = lowest(position); tile < end; tile += POSITIONS) {
        let at_first = cache + min(tile + lane, end - 1u) * QUADS;
        let at_second = cache + min(tile + LANES + lane, end - 1u) * QUADS;
        var scores_0 = Scores();
        var scores_1 = Scores();
        for (var quad = 0u; quad < QUADS; quad++) {
            let keys_of = columns(unpack(keys[at_first + quad]), unpack(keys[at_second + quad]));
            score(&scores_0, query_0[quad], keys_of);
            score(&scores_1, query_1[quad], keys_of);
        }
        soften(&scores_0, &softmax_0, tile, own.x);
        soften(&scores_1, &softmax_1, tile, own.y);
        for (var quad = 0u; quad < QUADS; quad++) {
            let values_of = columns(unpack(values[at_first + quad]), unpack(values[at_second + quad]));
            sums_0[quad] = softmax_0.shrink * sums_0[quad] + mix(scores_0, values_of);
            sums_1[quad] = softmax_1.shrink * sums_1[quad] + mix(scores_1, values_of);
        }
    }

    let places = vec2u(lane, LANES + lane) / GROUP;
    let outs = (first + vec2u(place_0.x, place_1.x)) * MIXED_STRIDE
        + (kv_head * GROUP + vec2u(place_0.y, place_1.y)) * HEAD_DIM;
    let there = places < vec2u(tokens);
    for (var quad = 0u; quad < QUADS; quad++) {
        if (there.x) {
            write(outs.x, quad, sums_0[quad] / softmax_0.total);
        }
        if (there.y) {
            write(outs.y, quad, sums_1[quad] / softmax_1.total);
        }
    }
}
