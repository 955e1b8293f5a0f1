// One invocation for each tile of sixteen lines and sixteen columns, group by group. The kernel says how many there are of each and
// what becomes of a tile: `n_groups`, `n_lines`, `n_columns` and `tile`.

const WIDTH = 4u;

fn n_items() -> u32 {
    return n_groups() * ((n_lines() + 15u) / 16u) * ((n_columns() + 15u) / 16u);
}

fn item(at: u32) {
    let down = (n_lines() + 15u) / 16u;
    let across = (n_columns() + 15u) / 16u;
    tile(at / across / down, at / across % down * 16u, at % across * 16u);
}
