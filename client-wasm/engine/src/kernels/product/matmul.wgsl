const NO_BIAS = 0xffffffffu;

fn n_groups() -> u32 { return 1u; }

fn n_lines() -> u32 { return params.m; }

fn n_columns() -> u32 { return params.n; }

// Each invocation keeps 16 × 16 sums in registers and shares nothing: on software adapters barriers are expensive, and
// a load costs much more than a product. Rows and columns past the edge repeat the last one, so that no store needs a
// condition: repeated stores write the same value again.
fn tile(_group: u32, first_row: u32, first_column: u32) {
    let rows = sixteen(first_row, params.m);
    let columns = sixteen(first_column, params.n);
    var from_a = scaled(rows, params.a_row, params.a_offset);
    var from_b = scaled(columns, params.b_column, params.b_offset);
    let a_step = params.a_column;
    let b_step = params.b_row;
    var sums = Sums();
    // Four steps per iteration, because values carried between iterations are copied each time.
    let fours = params.k & ~3u;
    for (var at = 0u; at < fours; at += 4u) {
        sums = plus(sums, of_left(from_a), of_right(from_b));
        sums = plus(sums, of_left(moved(from_a, a_step)), of_right(moved(from_b, b_step)));
        sums = plus(sums, of_left(moved(from_a, 2u * a_step)), of_right(moved(from_b, 2u * b_step)));
        sums = plus(sums, of_left(moved(from_a, 3u * a_step)), of_right(moved(from_b, 3u * b_step)));
        from_a = moved(from_a, 4u * a_step);
        from_b = moved(from_b, 4u * b_step);
    }
    for (var at = fours; at < params.k; at++) {
        sums = plus(sums, of_left(from_a), of_right(from_b));
        from_a = moved(from_a, a_step);
        from_b = moved(from_b, b_step);
    }
    if params.bias != NO_BIAS {
        // An outer product with ones adds the bias of each column to every row.
        sums = plus(sums, ones(), of_right(moved(columns, params.bias)));
    }
    store(scaled(rows, params.n, params.c_offset), columns, sums);
}

fn left_at(at: u32) -> f32 { return a[at]; }

fn right_at(at: u32) -> f32 { return b[at]; }

fn store_at(at: u32, sum: f32) {
    c[at] = sum;
}
