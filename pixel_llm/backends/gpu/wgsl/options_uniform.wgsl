// What `linear.wgsl` does and how a row of weights lies, as parameters: one module serves all matrices of an encoding.
fn has_bias() -> bool {
    return (linear.flags & 1u) != 0u;
}

fn adds() -> bool {
    return (linear.flags & 2u) != 0u;
}

fn is_gated() -> bool {
    return (linear.flags & 4u) != 0u;
}

fn is_gelu() -> bool {
    return (linear.flags & 8u) != 0u;
}

fn is_paired() -> bool {
    return (linear.flags & 16u) != 0u;
}

fn softcap() -> f32 {
    return bitcast<f32>(linear.softcap);
}

fn output_stride() -> u32 {
    return linear.output_stride;
}

fn row_texels() -> u32 {
    return linear.row_texels;
}

fn row_scales() -> u32 {
    return linear.row_scales;
}

fn row_groups() -> u32 {
    return linear.groups;
}
