fn n_entries() -> u32 { return params.len; }

fn entry(at: u32) {
    d_log_variance[at] = dy[at] * (y[at] - mean[at]) / 2.0;
}
