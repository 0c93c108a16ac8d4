// The first half of choosing a token: the repetition penalty (Keskar et al. 2019, section 4.1), which changes the logits,
// and then the largest logit of each chunk of the vocabulary, and the chunk's sum of weights.
// One invocation a chunk of CHUNK neighbouring ids; CHUNKS of them.
struct Choice {
    temperature: f32, // 0: the most likely token
    top_p: f32,
    min_p: f32,
    top_k: u32, // 0: all
    penalty: f32, // of repeated tokens, 1: none
}

@group(0) @binding(0) var<storage, read_write> logits: array<f32>;
@group(0) @binding(1) var<storage, read_write> chunks: array<vec4f>; // maximum, its id as bits, weights, not finite
@group(0) @binding(2) var<uniform> choice: Choice;
@group(0) @binding(3) var<storage, read> seen: array<u32>; // a bit for each id that the penalty counts

@compute @workgroup_size(WORKGROUP)
fn scan_logits(@builtin(global_invocation_id) invocation: vec3u) {
    let chunk = invocation.x;
    if (chunk >= CHUNKS) {
        return;
    }
    let start = chunk * CHUNK;
    let end = min(start + CHUNK, VOCABULARY);
    var top = LOWEST;
    var id = start;
    var broken = 0.0;
    if (choice.penalty != 1.0) {
        for (var i = start; i < end; i++) {
            if ((seen[i / 32u] & (1u << (i % 32u))) != 0u) {
                let x = logits[i];
                logits[i] = select(x * choice.penalty, x / choice.penalty, x > 0.0);
            }
        }
    }
    for (var i = start; i < end; i++) {
        let x = logits[i];
        if ((bitcast<u32>(x) & 0x7f800000u) == 0x7f800000u) {
            broken = 1.0;
        }
        if (x > top) {
            top = x;
            id = i;
        }
    }
    var sum = 0.0;
    if (choice.temperature > 0.0) {
        for (var i = start; i < end; i++) {
            sum += exp((logits[i] - top) / choice.temperature);
        }
    }
    chunks[chunk] = vec4f(top, bitcast<f32>(id), sum, broken);
}

const LOWEST = -3.0e38;
