// The second half of choosing a token, by one workgroup: the most likely one, or one drawn at random among those that
// top-k (Fan et al. 2018), top-p (Holtzman et al. 2020) and min-p (Nguyen et al. 2024) keep, in the order of ids.
//
// Thresholds are found bit by bit, as radix selection does, over the few candidates that can pass them: top-k's cannot
// be below the k-th largest maximum of the chunks, and a token of the nucleus has at least (1 - top_p) / VOCABULARY.
// The token counts as seen from now on, for the repetition penalty. It becomes the next pass's input, and the next position its place; so passes follow each other without the host.
struct Choice {
    temperature: f32, // 0: the most likely token
    top_p: f32,
    min_p: f32,
    top_k: u32, // 0: all
    penalty: f32, // of repeated tokens, 1: none
}

struct State {
    made: u32, // tokens of this submission so far
    chosen: array<u32, MOST>,
    draws: array<f32, MOST>, // random numbers, in [0, 1]
}

@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> chunks: array<vec4f>;
@group(0) @binding(2) var<uniform> choice: Choice;
@group(0) @binding(3) var<storage, read_write> candidates: array<vec2u>; // sortable value, id
@group(0) @binding(4) var<storage, read_write> state: State;
@group(0) @binding(5) var<storage, read_write> ids: array<u32>;
@group(0) @binding(6) var<storage, read_write> rows: array<vec4u>;
@group(0) @binding(7) var<storage, read_write> seen: array<u32>; // a bit for each id that the penalty counts

const LOWEST = -3.0e38;
const BROKEN = 0xffffffffu;
const PARTS = min(16u, WORKGROUP);

var<workgroup> shared_floats: array<f32, WORKGROUP>;
var<workgroup> shared_ids: array<u32, WORKGROUP>;
var<workgroup> shared_parts: array<f32, PARTS>;

// A number whose order is that of the float, and back.
fn sortable(x: f32) -> u32 {
    let bits = bitcast<u32>(x);
    return select(bits | 0x80000000u, ~bits, (bits & 0x80000000u) != 0u);
}

fn unsortable(key: u32) -> f32 {
    return bitcast<f32>(select(~key, key & 0x7fffffffu, (key & 0x80000000u) != 0u));
}

// The workgroup's sum. In two steps: summing all values in each invocation took nine tenths of the time of a choice.
fn total_of(value: f32, index: u32) -> f32 {
    shared_floats[index] = value;
    workgroupBarrier();
    if (index < PARTS) {
        var sum = 0.0;
        for (var i = index; i < WORKGROUP; i += PARTS) {
            sum += shared_floats[i];
        }
        shared_parts[index] = sum;
    }
    workgroupBarrier();
    var sum = 0.0;
    for (var i = 0u; i < PARTS; i++) {
        sum += shared_parts[i];
    }
    return sum;
}

fn weight_of(key: u32, top: f32) -> f32 {
    return exp((unsortable(key) - top) / choice.temperature);
}

// The k-th largest of the chunks' maxima, as a sortable number: at least k tokens are not below it.
fn bound_of_top_k(index: u32) -> u32 {
    var key = 0u;
    for (var bit = 0x80000000u; bit > 0u; bit >>= 1u) {
        let tried = key | bit;
        var count = 0.0;
        for (var i = index; i < CHUNKS; i += WORKGROUP) {
            count += select(0.0, 1.0, sortable(chunks[i].x) >= tried);
        }
        if (total_of(count, index) >= f32(choice.top_k)) {
            key = tried;
        }
    }
    return key;
}

// The largest key above whose inclusive lower bound the candidates from `least` on count, or weigh, at least `wanted`.
fn threshold(index: u32, count: u32, least: u32, wanted: f32, weighed: bool, top: f32) -> u32 {
    var key = 0u;
    for (var bit = 0x80000000u; bit > 0u; bit >>= 1u) {
        let tried = key | bit;
        var own = 0.0;
        for (var i = 0u; i < count; i++) {
            let found = candidates[i * WORKGROUP + index].x;
            if (found >= max(tried, least)) {
                own += select(1.0, weight_of(found, top), weighed);
            }
        }
        if (total_of(own, index) >= wanted) {
            key = tried;
        }
    }
    return key;
}

fn drawn(index: u32, top: f32) -> u32 {
    let draw = state.draws[min(state.made, MOST - 1u)];
    var all = 0.0;
    for (var i = index; i < CHUNKS; i += WORKGROUP) {
        all += chunks[i].z * exp((chunks[i].x - top) / choice.temperature);
    }
    let total = total_of(all, index);
    // What certainly does not pass is left out of the candidates.
    let has_top_k = choice.top_k > 0u && choice.top_k < VOCABULARY;
    var bound = 0u;
    if (has_top_k) {
        if (choice.top_k <= CHUNKS) {
            bound = bound_of_top_k(index);
        }
    } else {
        var least = choice.min_p;
        if (choice.top_p < 1.0) {
            // A little less, for rounding.
            least = max(least, 0.99 * (1.0 - choice.top_p) * total / f32(VOCABULARY));
        }
        if (least > 0.0) {
            bound = sortable(top + choice.temperature * log(least) - 1e-4 * abs(top) - 1e-4);
        }
    }
    var count = 0u;
    for (var id = index; id < VOCABULARY; id += WORKGROUP) {
        let key = sortable(logits[id]);
        if (key >= bound) {
            candidates[count * WORKGROUP + index] = vec2u(key, id);
            count++;
        }
    }
    var least = 0u;
    var mass = total;
    if (has_top_k) {
        least = threshold(index, count, 0u, f32(choice.top_k), false, top);
        mass = weight_from(index, count, least, top);
    }
    if (choice.top_p < 1.0) {
        least = max(least, threshold(index, count, least, choice.top_p * mass, true, top));
    }
    if (choice.min_p > 0.0) {
        least = max(least, sortable(top + choice.temperature * log(choice.min_p)));
    }
    least = min(least, sortable(top));
    let kept = weight_from(index, count, least, top);
    // The smallest id with which the weights of the kept ids up to it exceed the draw.
    let target_weight = draw * kept;
    var id = 0u;
    var last = 0u;
    for (var bit = u32(HIGHEST_BIT); bit > 0u; bit >>= 1u) {
        let tried = id | bit;
        var own = 0.0;
        for (var i = 0u; i < count; i++) {
            let found = candidates[i * WORKGROUP + index];
            if (found.x >= least && found.y < tried) {
                own += weight_of(found.x, top);
            }
        }
        if (total_of(own, index) <= target_weight) {
            id = tried;
        }
    }
    // Rounding may leave the draw above all of them: then it is the last one.
    for (var i = 0u; i < count; i++) {
        let found = candidates[i * WORKGROUP + index];
        if (found.x >= least) {
            last = max(last, found.y);
        }
    }
    workgroupBarrier();
    shared_ids[index] = last;
    workgroupBarrier();
    for (var i = 0u; i < WORKGROUP; i++) {
        last = max(last, shared_ids[i]);
    }
    return min(id, last);
}

fn weight_from(index: u32, count: u32, least: u32, top: f32) -> f32 {
    var own = 0.0;
    for (var i = 0u; i < count; i++) {
        let found = candidates[i * WORKGROUP + index].x;
        if (found >= least) {
            own += weight_of(found, top);
        }
    }
    return total_of(own, index);
}

@compute @workgroup_size(WORKGROUP)
fn choose_token(@builtin(local_invocation_index) index: u32) {
    var top = LOWEST;
    var id = 0u;
    var broken = 0.0;
    for (var i = index; i < CHUNKS; i += WORKGROUP) {
        let chunk = chunks[i];
        broken = max(broken, chunk.w);
        if (chunk.x > top) {
            top = chunk.x;
            id = bitcast<u32>(chunk.y);
        }
    }
    let any_broken = total_of(broken, index);
    shared_floats[index] = top;
    shared_ids[index] = id;
    workgroupBarrier();
    if (index < PARTS) {
        for (var i = index; i < WORKGROUP; i += PARTS) {
            let other = shared_floats[i];
            if (other > top || (other == top && shared_ids[i] < id)) {
                top = other;
                id = shared_ids[i];
            }
        }
    }
    workgroupBarrier();
    shared_floats[index] = top;
    shared_ids[index] = id;
    workgroupBarrier();
    for (var i = 0u; i < PARTS; i++) {
        let other = shared_floats[i];
        if (other > top || (other == top && shared_ids[i] < id)) {
            top = other;
            id = shared_ids[i];
        }
    }
    workgroupBarrier();
    if (choice.temperature > 0.0) {
        id = drawn(index, top);
    }
    if (index == 0u) {
        let place = min(state.made, MOST - 1u);
        state.chosen[place] = select(id, BROKEN, any_broken > 0.0);
        state.made = place + 1u;
        if (choice.penalty != 1.0) {
            seen[id / 32u] |= 1u << (id % 32u);
        }
        ids[0] = select(id, 0u, any_broken > 0.0);
        rows[0].y += 1u;
    }
}
