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
    // Four at a time: what a loop carries from turn to turn is copied each time.
    let fours = params.k & ~3u;
    for (var at = 0u; at < fours; at += 4u) {
        sums = plus(sums, of_a(from_a), of_b(from_b));
        from_a = moved(from_a, a_step);
        from_b = moved(from_b, b_step);
        sums = plus(sums, of_a(from_a), of_b(from_b));
        from_a = moved(from_a, a_step);
        from_b = moved(from_b, b_step);
        sums = plus(sums, of_a(from_a), of_b(from_b));
        from_a = moved(from_a, a_step);
        from_b = moved(from_b, b_step);
        sums = plus(sums, of_a(from_a), of_b(from_b));
        from_a = moved(from_a, a_step);
        from_b = moved(from_b, b_step);
    }
    for (var at = fours; at < params.k; at++) {
        sums = plus(sums, of_a(from_a), of_b(from_b));
        from_a = moved(from_a, a_step);
        from_b = moved(from_b, b_step);
    }
    if params.bias != NO_BIAS {
        // An outer product with ones adds the bias of its column to every row.
        sums = plus(sums, ones(), of_b(moved(columns, params.bias)));
    }
    store(scaled(rows, params.n, params.c_offset), columns, sums);
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

fn store_four(at: vec4u, sums: vec4f) {
    c[at.x] = sums.x;
    c[at.y] = sums.y;
    c[at.z] = sums.z;
    c[at.w] = sums.w;
}
