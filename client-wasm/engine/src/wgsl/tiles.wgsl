// One invocation per tile of sixteen lines and sixteen columns, group by group. The kernel defines the numbers and the
// work for one tile: `n_groups`, `n_lines`, `n_columns` and `tile`.

const WIDTH = 4u;

fn n_items() -> u32 {
    return n_groups() * ((n_lines() + 15u) / 16u) * ((n_columns() + 15u) / 16u);
}

fn item(at: u32) {
    let down = (n_lines() + 15u) / 16u;
    let across = (n_columns() + 15u) / 16u;
    tile(at / across / down, at / across % down * 16u, at % across * 16u);
}
