fn n_entries() -> u32 { return params.len; }

fn entry(at: u32) {
    let sum = sums[at];
    settled[at] += amount[0] * sum * sum;
    sums[at] = 0.0;
}
