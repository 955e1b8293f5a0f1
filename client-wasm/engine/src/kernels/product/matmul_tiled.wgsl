const NO_BIAS = 0xffffffffu;

const TILE = 64u;
const DEPTH = 16u;

var<workgroup> a_tile: array<f32, 1024>;
var<workgroup> b_tile: array<f32, 1024>;

// A workgroup shares 64 × 16 entries of both factors (8 KiB); each of its 256 invocations computes 4 × 4 sums.
@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) id: vec3u) {
    let first_row = group.y * TILE;
    let first_column = group.x * TILE;
    let lane = id.y * 16u + id.x;
    var sums0 = vec4f();
    var sums1 = vec4f();
    var sums2 = vec4f();
    var sums3 = vec4f();
    for (var start = 0u; start < params.k; start += DEPTH) {
        for (var part = 0u; part < 4u; part++) {
            let at = lane + part * 256u;
            let a_slot = slot(at, params.a_column == 1u);
            let b_slot = slot(at, params.b_row == 1u);
            a_tile[a_slot.y * TILE + a_slot.x] = entry_of_a(first_row + a_slot.x, start + a_slot.y);
            b_tile[b_slot.y * TILE + b_slot.x] = entry_of_b(start + b_slot.y, first_column + b_slot.x);
        }
        workgroupBarrier();
        for (var depth = 0u; depth < DEPTH; depth++) {
            let from_a = depth * TILE + id.y * 4u;
            let from_b = depth * TILE + id.x * 4u;
            let row = vec4f(b_tile[from_b], b_tile[from_b + 1u], b_tile[from_b + 2u], b_tile[from_b + 3u]);
            sums0 += a_tile[from_a] * row;
            sums1 += a_tile[from_a + 1u] * row;
            sums2 += a_tile[from_a + 2u] * row;
            sums3 += a_tile[from_a + 3u] * row;
        }
        workgroupBarrier();
    }
    let row = first_row + id.y * 4u;
    let column = first_column + id.x * 4u;
    store(row, column, sums0);
    store(row + 1u, column, sums1);
    store(row + 2u, column, sums2);
    store(row + 3u, column, sums3);
}

// The (line, depth) of a tile that an invocation loads: adjacent invocations go along the axis that is contiguous in
// memory.
fn slot(at: u32, deep: bool) -> vec2u {
    return select(vec2u(at % TILE, at / TILE), vec2u(at / DEPTH, at % DEPTH), deep);
}

fn entry_of_a(row: u32, depth: u32) -> f32 {
    if row >= params.m || depth >= params.k {
        return 0.0;
    }
    return a[params.a_offset + row * params.a_row + depth * params.a_column];
}

fn entry_of_b(depth: u32, column: u32) -> f32 {
    if column >= params.n || depth >= params.k {
        return 0.0;
    }
    return b[params.b_offset + depth * params.b_row + column * params.b_column];
}

fn store(row: u32, column: u32, sums: vec4f) {
    if row >= params.m {
        return;
    }
    for (var at = 0u; at < min(4u, params.n - min(column, params.n)); at++) {
        var sum = sums[at];
        if params.bias != NO_BIAS {
            sum += b[params.bias + column + at];
        }
        c[params.c_offset + row * params.n + column + at] = sum;
    }
}
