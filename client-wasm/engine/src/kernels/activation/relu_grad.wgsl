fn n_entries() -> u32 {
    return params.len;
}

fn entry(at: u32) {
    dx[at] = select(0.0, dy[at], y[at] > 0.0);
}
