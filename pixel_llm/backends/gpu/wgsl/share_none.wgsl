// Every invocation reads all the activations that it multiplies.
fn share_blocks(first_token: u32, block: u32, lane: u32) {}

// The block of activations of token `t` of the tile.
fn shared_block(first_token: u32, block: u32, t: u32) -> array<vec4f, 8> {
    return block_of(first_token + t, block);
}
