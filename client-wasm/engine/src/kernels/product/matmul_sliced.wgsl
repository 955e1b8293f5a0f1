const NO_BIAS = 0xffffffffu;

// Start of a column of B.
struct Column {
    is_there: bool,
    start: u32,
}

// One workgroup per 16 × 16 sums.
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) lane: u32) {
    let first = vec2u(tile.y, tile.x) * 16u;
    let sum = sliced(first, lane, params.k);
    let row = first.x + lane / 16u;
    let column = first.y + lane % 16u;
    if row >= params.m || column >= params.n {
        return;
    }
    var bias = 0.0;
    if params.bias != NO_BIAS {
        bias = b[params.bias + column];
    }
    c[params.c_offset + row * params.n + column] = sum + bias;
}

fn left_entry(row: u32, depth: u32) -> f32 {
    if row >= params.m {
        return 0.0;
    }
    return a[params.a_offset + row * params.a_row + depth * params.a_column];
}

fn column_of(column: u32) -> Column {
    return Column(column < params.n, params.b_offset + column * params.b_column);
}

fn right_entry(column: Column, depth: u32) -> f32 {
    if !column.is_there {
        return 0.0;
    }
    return b[column.start + depth * params.b_row];
}
