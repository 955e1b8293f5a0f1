fn n_entries() -> u32 { return params.rows * params.columns; }

fn entry(at: u32) {
    y[at] = weights[params.offset + at];
    if at % params.columns == 0u {
        row_scale[at / params.columns] = 1.0 / f32(params.rows);
    }
}
