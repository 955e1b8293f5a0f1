const NO_BIAS = 0xffffffffu;

const WIDTH = 4u;

fn n_items() -> u32 {
    let tiles_across = (params.n + 15u) / 16u;
    return tiles_across * ((params.m + 15u) / 16u);
}

// Each invocation keeps 16 × 16 sums in registers and shares nothing: software adapters pay dearly for barriers, and
// much more for a load than for a product. Rows and columns past the edge repeat the last one, so that no store asks
// where it is: they store what is there already.
fn item(tile: u32) {
    let tiles_across = (params.n + 15u) / 16u;
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
        sums = plus(sums, of_left(from_a), of_right(from_b));
        from_a = moved(from_a, a_step);
        from_b = moved(from_b, b_step);
        sums = plus(sums, of_left(from_a), of_right(from_b));
        from_a = moved(from_a, a_step);
        from_b = moved(from_b, b_step);
        sums = plus(sums, of_left(from_a), of_right(from_b));
        from_a = moved(from_a, a_step);
        from_b = moved(from_b, b_step);
        sums = plus(sums, of_left(from_a), of_right(from_b));
        from_a = moved(from_a, a_step);
        from_b = moved(from_b, b_step);
    }
    for (var at = fours; at < params.k; at++) {
        sums = plus(sums, of_left(from_a), of_right(from_b));
        from_a = moved(from_a, a_step);
        from_b = moved(from_b, b_step);
    }
    if params.bias != NO_BIAS {
        // An outer product with ones adds the bias of its column to every row.
        sums = plus(sums, ones(), of_right(moved(columns, params.bias)));
    }
    store(scaled(rows, params.n, params.c_offset), columns, sums);
}

fn left_at(at: u32) -> f32 { return a[at]; }

fn right_at(at: u32) -> f32 { return b[at]; }

fn store_at(at: u32, sum: f32) {
    c[at] = sum;
}
