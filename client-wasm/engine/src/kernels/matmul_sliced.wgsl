struct Params {
    m: u32,
    n: u32,
    k: u32,
    a_offset: u32,
    a_row: u32,
    a_column: u32,
    b_offset: u32,
    b_row: u32,
    b_column: u32,
    c_offset: u32,
    bias: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> c: array<f32>;

const NO_BIAS = 0xffffffffu;

// Where a column of B begins.
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
