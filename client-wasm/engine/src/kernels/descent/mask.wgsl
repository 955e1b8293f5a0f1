fn n_entries() -> u32 { return params.len; }

fn entry(at: u32) {
    if extractBits(alive[at / 32u], at % 32u, 1u) == 0u {
        weights[at] = 0.0;
    }
}
