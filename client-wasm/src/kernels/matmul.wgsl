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

// Each invocation keeps 16 × 16 sums in registers and shares nothing: software adapters pay dearly for barriers, and
// much more for a load than for a product. Rows and columns past the edge repeat the last one, so that no store asks
// where it is: they store what is there already.
@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let tiles_across = (params.n + 15u) / 16u;
    let tile = id.x + id.y * groups.x * 4u;
    if tile >= tiles_across * ((params.m + 15u) / 16u) {
        return;
    }
    let rows = sixteen(tile / tiles_across * 16u, params.m);
    let columns = sixteen(tile % tiles_across * 16u, params.n);
    var from_a = scaled(rows, params.a_row, params.a_offset);
    var from_b = scaled(columns, params.b_column, params.b_offset);
    let a_step = params.a_column;
    let b_step = params.b_row;
    var sums = Sums();
    let even = params.k - params.k % 2u;
    for (var at = 0u; at < even; at += 2u) {
        sums = plus(sums, of_a(from_a), of_b(from_b));
        from_a = moved(from_a, a_step);
        from_b = moved(from_b, b_step);
        sums = plus(sums, of_a(from_a), of_b(from_b));
        from_a = moved(from_a, a_step);
        from_b = moved(from_b, b_step);
    }
    if even < params.k {
        sums = plus(sums, of_a(from_a), of_b(from_b));
    }
    var biases = Floats();
    if params.bias != NO_BIAS {
        biases = of_b(moved(columns, params.bias));
    }
    let to = scaled(rows, params.n, params.c_offset);
    store(to.p, columns, sums.p, biases);
    store(to.q, columns, sums.q, biases);
    store(to.r, columns, sums.r, biases);
    store(to.s, columns, sums.s, biases);
}

fn of_a(at: Indices) -> Floats {
    return Floats(four_of_a(at.p), four_of_a(at.q), four_of_a(at.r), four_of_a(at.s));
}

fn four_of_a(at: vec4u) -> vec4f {
    return vec4f(a[at.x], a[at.y], a[at.z], a[at.w]);
}

fn of_b(at: Indices) -> Floats {
    return Floats(four_of_b(at.p), four_of_b(at.q), four_of_b(at.r), four_of_b(at.s));
}

fn four_of_b(at: vec4u) -> vec4f {
    return vec4f(b[at.x], b[at.y], b[at.z], b[at.w]);
}

fn store(rows: vec4u, columns: Indices, sums: Rows, biases: Floats) {
    store_row(rows.x, columns, added(sums.x, biases));
    store_row(rows.y, columns, added(sums.y, biases));
    store_row(rows.z, columns, added(sums.z, biases));
    store_row(rows.w, columns, added(sums.w, biases));
}

fn store_row(row: u32, columns: Indices, sums: Floats) {
    store_four(columns.p + row, sums.p);
    store_four(columns.q + row, sums.q);
    store_four(columns.r + row, sums.r);
    store_four(columns.s + row, sums.s);
}

fn store_four(at: vec4u, sums: vec4f) {
    c[at.x] = sums.x;
    c[at.y] = sums.y;
    c[at.z] = sums.z;
    c[at.w] = sums.w;
}
