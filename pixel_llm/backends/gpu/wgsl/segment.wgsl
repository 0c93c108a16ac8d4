// Attention of several tokens to a segment of the positions: dispatches for one segment after the other go on with what
// the one before them left. Mixed heads are left as they are after it, and behind a row's heads each head's maximum and
// the total of its weights.
@group(0) @binding(7) var<storage, read_write> mixed: array<f32>;
@group(0) @binding(8) var<storage, read> blocks: array<vec2u>; // the first token's row, and how many tokens

const LOWEST = -3.0e38;

// The first position that the token at `position` sees.
fn lowest(position: u32) -> u32 {
    if (WINDOW > 0u && position + 1u > WINDOW) {
        return position + 1u - WINDOW;
    }
    return 0u;
}

fn mixed_at(row: u32, head: u32) -> u32 {
    return row * MIXED_STRIDE + head * HEAD_DIM;
}

fn mixed_quad(row: u32, head: u32, quad: u32) -> vec4f {
    var out: vec4f;
    for (var c = 0u; c < 4u; c++) {
        let i = quad * 4u + c;
        if (i < HEAD_DIM) {
            out[c] = mixed[mixed_at(row, head) + i];
        }
    }
    return out;
}

fn mix_quad(row: u32, head: u32, quad: u32, value: vec4f) {
    for (var c = 0u; c < 4u; c++) {
        let i = quad * 4u + c;
        if (i < HEAD_DIM) {
            mixed[mixed_at(row, head) + i] = value[c];
        }
    }
}

// The maximum and the total of a head after the segments before this one.
fn running(row: u32, head: u32) -> vec2f {
    let at = row * MIXED_STRIDE + RUNNING + 2u * head;
    return vec2f(mixed[at], mixed[at + 1u]);
}

fn keep_running(row: u32, head: u32, top: f32, total: f32) {
    let at = row * MIXED_STRIDE + RUNNING + 2u * head;
    mixed[at] = top;
    mixed[at + 1u] = total;
}

// A token that sees no position of the segments so far has no weights.
fn divisor(total: f32) -> f32 {
    return max(total, 1.0e-30);
}
