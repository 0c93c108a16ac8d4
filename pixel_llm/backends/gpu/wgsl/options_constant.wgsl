// What `linear.wgsl` does, as constants of the module.
fn has_bias() -> bool {
    return BIAS;
}

fn adds() -> bool {
    return ADD;
}

fn is_gated() -> bool {
    return GATED;
}

fn is_gelu() -> bool {
    return GELU;
}

fn softcap() -> f32 {
    return SOFTCAP;
}

fn output_stride() -> u32 {
    return OUTPUT_STRIDE;
}
