fn n_entries() -> u32 { return params.len; }

fn entry(at: u32) {
    weights[at] -= knobs[0] * gradients[at];
}
