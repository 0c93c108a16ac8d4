// The 8 invocations of a subgroup read the activations of one token each, and pass them to the others.
var<private> own_block: array<vec4f, 8>;

fn share_blocks(first_token: u32, block: u32, lane: u32) {
    own_block = block_of(first_token + lane, block);
}

fn passed(i: u32, t: u32) -> vec4f {
    // The factor is 1, but a compiler cannot know: Mesa's would exchange the value again for every product.
    return select(1.0, 2.0, batch.x == 0u) * subgroupShuffle(own_block[i], t);
}

// The block of activations of token `t` of the tile.
fn shared_block(first_token: u32, block: u32, t: u32) -> array<vec4f, 8> {
    return array<vec4f, 8>(
        passed(0u, t),
        passed(1u, t),
        passed(2u, t),
        passed(3u, t),
        passed(4u, t),
        passed(5u, t),
        passed(6u, t),
        passed(7u, t),
    );
}
