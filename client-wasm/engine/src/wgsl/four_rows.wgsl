// Long sums over rows, four rows at a time: on software adapters a loop iteration costs as much as several sums.

const FOUR = vec4u(0u, 1u, 2u, 3u);

// Four consecutive rows; past the end the last one is repeated, and must not be counted.
fn rows_from(row: u32, rows: u32) -> vec4u {
    return min(row + FOUR, vec4u(rows - 1u));
}

fn is_row(row: u32, rows: u32) -> vec4<bool> {
    return row + FOUR < vec4u(rows);
}

// Start of a channel in four rows.
fn starts_of(row: u32, channel: u32) -> vec4u {
    return (rows_from(row, params.rows) * params.channels + channel) * params.inner;
}
