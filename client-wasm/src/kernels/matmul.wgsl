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

// Each invocation keeps 8 × 8 sums in registers and shares nothing: software adapters pay dearly for barriers.
@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let row = id.y * 8u;
    let column = id.x * 8u;
    if row >= params.m || column >= params.n {
        return;
    }
    // Rows and columns past the edge repeat the last one; their sums are not stored.
    var a0 = params.a_offset + min(row + 0u, params.m - 1u) * params.a_row;
    var a1 = params.a_offset + min(row + 1u, params.m - 1u) * params.a_row;
    var a2 = params.a_offset + min(row + 2u, params.m - 1u) * params.a_row;
    var a3 = params.a_offset + min(row + 3u, params.m - 1u) * params.a_row;
    var a4 = params.a_offset + min(row + 4u, params.m - 1u) * params.a_row;
    var a5 = params.a_offset + min(row + 5u, params.m - 1u) * params.a_row;
    var a6 = params.a_offset + min(row + 6u, params.m - 1u) * params.a_row;
    var a7 = params.a_offset + min(row + 7u, params.m - 1u) * params.a_row;
    var b0 = params.b_offset + min(column + 0u, params.n - 1u) * params.b_column;
    var b1 = params.b_offset + min(column + 1u, params.n - 1u) * params.b_column;
    var b2 = params.b_offset + min(column + 2u, params.n - 1u) * params.b_column;
    var b3 = params.b_offset + min(column + 3u, params.n - 1u) * params.b_column;
    var b4 = params.b_offset + min(column + 4u, params.n - 1u) * params.b_column;
    var b5 = params.b_offset + min(column + 5u, params.n - 1u) * params.b_column;
    var b6 = params.b_offset + min(column + 6u, params.n - 1u) * params.b_column;
    var b7 = params.b_offset + min(column + 7u, params.n - 1u) * params.b_column;
    var left0 = vec4f();
    var right0 = vec4f();
    var left1 = vec4f();
    var right1 = vec4f();
    var left2 = vec4f();
    var right2 = vec4f();
    var left3 = vec4f();
    var right3 = vec4f();
    var left4 = vec4f();
    var right4 = vec4f();
    var left5 = vec4f();
    var right5 = vec4f();
    var left6 = vec4f();
    var right6 = vec4f();
    var left7 = vec4f();
    var right7 = vec4f();
    for (var at = 0u; at < params.k; at++) {
        let left = vec4f(b[b0], b[b1], b[b2], b[b3]);
        let right = vec4f(b[b4], b[b5], b[b6], b[b7]);
        let x0 = a[a0];
        left0 += x0 * left;
        right0 += x0 * right;
        a0 += params.a_column;
        let x1 = a[a1];
        left1 += x1 * left;
        right1 += x1 * right;
        a1 += params.a_column;
        let x2 = a[a2];
        left2 += x2 * left;
        right2 += x2 * right;
        a2 += params.a_column;
        let x3 = a[a3];
        left3 += x3 * left;
        right3 += x3 * right;
        a3 += params.a_column;
        let x4 = a[a4];
        left4 += x4 * left;
        right4 += x4 * right;
        a4 += params.a_column;
        let x5 = a[a5];
        left5 += x5 * left;
        right5 += x5 * right;
        a5 += params.a_column;
        let x6 = a[a6];
        left6 += x6 * left;
        right6 += x6 * right;
        a6 += params.a_column;
        let x7 = a[a7];
        left7 += x7 * left;
        right7 += x7 * right;
        a7 += params.a_column;
        b0 += params.b_row;
        b1 += params.b_row;
        b2 += params.b_row;
        b3 += params.b_row;
        b4 += params.b_row;
        b5 += params.b_row;
        b6 += params.b_row;
        b7 += params.b_row;
    }
    store(row + 0u, column, left0);
    store(row + 0u, column + 4u, right0);
    store(row + 1u, column, left1);
    store(row + 1u, column + 4u, right1);
    store(row + 2u, column, left2);
    store(row + 2u, column + 4u, right2);
    store(row + 3u, column, left3);
    store(row + 3u, column + 4u, right3);
    store(row + 4u, column, left4);
    store(row + 4u, column + 4u, right4);
    store(row + 5u, column, left5);
    store(row + 5u, column + 4u, right5);
    store(row + 6u, column, left6);
    store(row + 6u, column + 4u, right6);
    store(row + 7u, column, left7);
    store(row + 7u, column + 4u, right7);
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
