// Queries, keys and values of a layer as the projections leave them, and the KV cache.
//
// A row of `qkv` holds the query heads, then the key heads, then the value heads. The cache holds, for each slot and KV
// head, CAPACITY positions of QUADS · 4 float16 (`Halves`, of `halves_*.wgsl`); elements beyond HEAD_DIM are zero.
struct Heads {
    q_norm: u32, // where the norms' weights begin in `vectors`, in f32
    k_norm: u32,
    segment: u32, // positions that a dispatch over several rows attends to: the first
    segment_end: u32, // and the one after the last
}

@group(0) @binding(0) var<storage, read> qkv: array<f32>;
@group(0) @binding(1) var<storage, read> vectors: array<vec4f>;
@group(0) @binding(2) var<storage, read> angles: array<vec2f>; // cosine and sine of each position and pair
@group(0) @binding(3) var<storage, read> rows: array<vec4u>; // a token's slot, position, positions a split, splits
@group(0) @binding(4) var<storage, read_write> keys: array<Halves>;
@group(0) @binding(5) var<storage, read_write> values: array<Halves>;
@group(0) @binding(6) var<uniform> heads: Heads;

fn cache_at(slot: u32, kv_head: u32, position: u32) -> u32 {
    return ((slot * KV_HEADS + kv_head) * CAPACITY + position) * QUADS;
}

// What the norm of a head (Qwen 3, Gemma 3) multiplies its elements with, besides its weights.
fn head_scale(base: u32) -> f32 {
    if (!QK_NORM) {
        return 1.0;
    }
    var sum = 0.0;
    for (var i = 0u; i < HEAD_DIM; i++) {
        sum += qkv[base + i] * qkv[base + i];
    }
    return inverseSqrt(sum / f32(HEAD_DIM) + EPSILON);
}

fn element(base: u32, i: u32, scale: f32, weights: u32) -> f32 {
    if (QK_NORM) {
        let at = weights + i;
        return qkv[base + i] * scale * vectors[at / 4u][at % 4u];
    }
    return qkv[base + i];
}

// Element i of a query or key head that begins at `base`, normed and rotated (Su et al. 2021).
fn rotated(base: u32, i: u32, scale: f32, weights: u32, position: u32) -> f32 {
    if (i >= HEAD_DIM) {
        return 0.0;
    }
    let x = element(base, i, scale, weights);
    if (i >= ROTARY_DIMS) {
        return x;
    }
    const pairs = ROTARY_DIMS / 2u;
    var pair = i / 2u;
    var second = (i & 1u) == 1u;
    var partner = i ^ 1u;
    if (!INTERLEAVED) {
        second = i >= pairs;
        pair = select(i, i - pairs, second);
        partner = select(i + pairs, i - pairs, second);
    }
    let angle = angles[position * pairs + pair];
    let y = element(base, partner, scale, weights);
    return select(x * angle.x - y * angle.y, x * angle.x + y * angle.y, second);
}

fn rotated_quad(base: u32, quad: u32, scale: f32, weights: u32, position: u32) -> vec4f {
    let i = quad * 4u;
    return vec4f(
        rotated(base, i, scale, weights, position),
        rotated(base, i + 1u, scale, weights, position),
        rotated(base, i + 2u, scale, weights, position),
        rotated(base, i + 3u, scale, weights, position),
    );
}

fn plain_quad(base: u32, quad: u32) -> vec4f {
    var out: vec4f;
    for (var c = 0u; c < 4u; c++) {
        let i = quad * 4u + c;
        if (i < HEAD_DIM) {
            out[c] = qkv[base + i];
        }
    }
    return out;
}
