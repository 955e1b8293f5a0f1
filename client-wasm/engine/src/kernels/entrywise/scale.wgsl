fn n_entries() -> u32 { return params.len; }

fn entry(at: u32) {
    values[at] *= params.factor;
}
