// An activation forward, entry by entry. The kernel defines the function of one entry: `forward`.

fn n_entries() -> u32 { return params.len; }

fn entry(at: u32) {
    y[at] = forward(x[at]);
}
