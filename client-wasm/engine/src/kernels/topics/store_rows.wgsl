fn n_entries() -> u32 { return params.rows * params.columns; }

fn entry(at: u32) {
    gradients[params.offset + at] = dy[at];
}
