// An activation backward, entry by entry. The kernel defines the function of one gradient: `backward`.

fn n_entries() -> u32 { return params.len; }

fn entry(at: u32) {
    dx[at] = backward(kept[at], dy[at]);
}
