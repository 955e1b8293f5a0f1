// Sixteen rows and sixteen columns of sums in the registers of one invocation: a sum of outer products.

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

// Sixteen consecutive indices; past the end of an axis the last one is repeated.
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

// Adds the outer product of a column of sixteen and a row of sixteen.
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

// Stores every sum at its row and column; the kernel defines how: `store_at`.
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

// Sixteen entries of either factor, which the kernel defines one by one: `left_at` and `right_at`.
fn of_left(at: Indices) -> Floats {
    return Floats(four_left(at.p), four_left(at.q), four_left(at.r), four_left(at.s));
}

fn four_left(at: vec4u) -> vec4f {
    return vec4f(left_at(at.x), left_at(at.y), left_at(at.z), left_at(at.w));
}

fn of_right(at: Indices) -> Floats {
    return Floats(four_right(at.p), four_right(at.q), four_right(at.r), four_right(at.s));
}

fn four_right(at: vec4u) -> vec4f {
    return vec4f(right_at(at.x), right_at(at.y), right_at(at.z), right_at(at.w));
}

// Sixteen entries of the right factor, with zeros for those outside.
fn inside(at: Indices, is_inside: Flags) -> Floats {
    return Floats(
        select(vec4f(), four_right(at.p), is_inside.p), select(vec4f(), four_right(at.q), is_inside.q),
        select(vec4f(), four_right(at.r), is_inside.r), select(vec4f(), four_right(at.s), is_inside.s),
    );
}

fn store_four(at: vec4u, sums: vec4f) {
    store_at(at.x, sums.x);
    store_at(at.y, sums.y);
    store_at(at.z, sums.z);
    store_at(at.w, sums.w);
}
