// How a row of weights lies, as constants of the module.
fn row_texels() -> u32 {
    return ROW_TEXELS;
}

fn row_scales() -> u32 {
    return ROW_SCALES;
}

fn row_groups() -> u32 {
    return GROUPS;
}
