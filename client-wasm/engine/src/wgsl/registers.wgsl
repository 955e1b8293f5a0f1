// Sixteen rows and sixteen columns of sums in the registers of one invocation: one outer product after another.

struct Indices {
    p: vec4u,
    q: vec4u,
    r: vec4u,
    s: vec4u,
}

struct Flags {
    p: vec4<bool>,
    q: vec4<bool>,
    r: vec4<bool>,
    s: vec4<bool>,
}

struct Floats {
    p: vec4f,
    q: vec4f,
    r: vec4f,
    s: vec4f,
}

struct Rows {
    x: Floats,
    y: Floats,
    z: Floats,
    w: Floats,
}

struct Sums {
    p: Rows,
    q: Rows,
    r: Rows,
    s: Rows,
}

const LANES = vec4u(0u, 1u, 2u, 3u);

// Sixteen in a row; past the end of an axis the last one again.
fn sixteen(first: u32, len: u32) -> Indices {
    let last = vec4u(len - 1u);
    let at = first + LANES;
    return Indices(min(at, last), min(at + 4u, last), min(at + 8u, last), min(at + 12u, last));
}

fn scaled(at: Indices, by: u32, offset: u32) -> Indices {
    return Indices(at.p * by + offset, at.q * by + offset, at.r * by + offset, at.s * by + offset);
}

fn moved(at: Indices, by: u32) -> Indices {
    return Indices(at.p + by, at.q + by, at.r + by, at.s + by);
}

fn sum(at: Indices, by: Indices) -> Indices {
    return Indices(at.p + by.p, at.q + by.q, at.r + by.r, at.s + by.s);
}

fn over(at: Indices, by: u32) -> Indices {
    return Indices(at.p / by, at.q / by, at.r / by, at.s / by);
}

fn rest(at: Indices, by: u32) -> Indices {
    return Indices(at.p % by, at.q % by, at.r % by, at.s % by);
}

fn below(at: Indices, end: u32) -> Flags {
    let ends = vec4u(end);
    return Flags(at.p < ends, at.q < ends, at.r < ends, at.s < ends);
}

fn none(at: Indices) -> Flags {
    return below(at, 1u);
}

fn both(left: Flags, right: Flags) -> Flags {
    return Flags(left.p & right.p, left.q & right.q, left.r & right.r, left.s & right.s);
}

fn ones() -> Floats {
    return Floats(vec4f(1.0), vec4f(1.0), vec4f(1.0), vec4f(1.0));
}

// The outer product of a column of sixteen and a row of sixteen on top.
fn plus(sums: Sums, left: Floats, right: Floats) -> Sums {
    return Sums(
        four(sums.p, left.p, right), four(sums.q, left.q, right),
        four(sums.r, left.r, right), four(sums.s, left.s, right),
    );
}

fn four(sums: Rows, left: vec4f, right: Floats) -> Rows {
    return Rows(
        one(sums.x, left.x, right), one(sums.y, left.y, right),
        one(sums.z, left.z, right), one(sums.w, left.w, right),
    );
}

fn one(sums: Floats, left: f32, right: Floats) -> Floats {
    return Floats(
        sums.p + left * right.p, sums.q + left * right.q,
        sums.r + left * right.r, sums.s + left * right.s,
    );
}

// Every sum to where its row and its column say; the kernel knows in which buffer, by `store_four`.
fn store(rows: Indices, columns: Indices, sums: Sums) {
    store_rows(rows.p, columns, sums.p);
    store_rows(rows.q, columns, sums.q);
    store_rows(rows.r, columns, sums.r);
    store_rows(rows.s, columns, sums.s);
}

fn store_rows(rows: vec4u, columns: Indices, sums: Rows) {
    store_row(rows.x, columns, sums.x);
    store_row(rows.y, columns, sums.y);
    store_row(rows.z, columns, sums.z);
    store_row(rows.w, columns, sums.w);
}

fn store_row(row: u32, columns: Indices, sums: Floats) {
    store_four(columns.p + row, sums.p);
    store_four(columns.q + row, sums.q);
    store_four(columns.r + row, sums.r);
    store_four(columns.s + row, sums.s);
}
