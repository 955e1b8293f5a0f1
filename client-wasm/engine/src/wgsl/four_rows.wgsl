// Long sums over rows, four rows at a time: a turn of a loop costs software adapters as much as several sums.

const FOUR = vec4u(0u, 1u, 2u, 3u);

// Four in a row; past the end the last one again, which must not count.
fn rows_from(row: u32, rows: u32) -> vec4u {
    return min(row + FOUR, vec4u(rows - 1u));
}

fn is_row(row: u32, rows: u32) -> vec4<bool> {
    return row + FOUR < vec4u(rows);
}
