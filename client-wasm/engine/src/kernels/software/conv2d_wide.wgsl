const NO_BIAS = 0xffffffffu;

fn n_groups() -> u32 { return params.filters / max(params.group_filters, 1u); }

fn n_lines() -> u32 { return params.group_filters; }

fn n_columns() -> u32 { return params.rows * params.places_down * params.places_across; }

// Each invocation computes sixteen filters of one group at sixteen places: a matrix product whose right factor is read
// in place. Filters and places past the end repeat the last one and store the same value again.
fn tile(group: u32, first_filter: u32, first_column: u32) {
    let places = params.places_down * params.places_across;
    let filters = sixteen(first_filter, params.group_filters);
    let columns = sixteen(first_column, params.rows * places);
    let row = over(columns, places);
    let place = rest(columns, places);
    let tops = scaled(over(place, params.places_across), params.stride, 0u - params.padding);
    let lefts = scaled(rest(place, params.places_across), params.stride, 0u - params.padding);
    let plane = params.height * params.width;
    let planes = scaled(row, params.channels * plane, group * params.group_channels * plane);
    let window = params.size * params.size;
    let len = params.group_channels * window;
    let start = scaled(filters, len, params.offset + group * params.group_filters * len);
    var sums = Sums();
    // Four channels or else four taps per iteration, because values carried between iterations are copied each time.
    let few = select(0u, params.group_channels, params.group_channels < 4u);
    for (var seen = 0u; seen < few; seen++) {
        let own = moved(planes, seen * plane);
        let by = moved(start, seen * window);
        let four_taps = window & ~3u;
        for (var tap = 0u; tap < four_taps; tap += 4u) {
            sums = plus(sums, of_left(moved(by, tap)), under(own, tops, lefts, tap));
            sums = plus(sums, of_left(moved(by, tap + 1u)), under(own, tops, lefts, tap + 1u));
            sums = plus(sums, of_left(moved(by, tap + 2u)), under(own, tops, lefts, tap + 2u));
            sums = plus(sums, of_left(moved(by, tap + 3u)), under(own, tops, lefts, tap + 3u));
        }
        for (var tap = four_taps; tap < window; tap++) {
            sums = plus(sums, of_left(moved(by, tap)), under(own, tops, lefts, tap));
        }
    }
    let fours = params.group_channels & ~3u;
    for (var u = 0u; u < select(params.size, 0u, few > 0u); u++) {
        let i = moved(tops, u);
        for (var v = 0u; v < params.size; v++) {
            let j = moved(lefts, v);
            // Beyond the upper and left edges these have wrapped to large numbers, which are past the opposite edges.
            let is_inside = both(below(i, params.height), below(j, params.width));
            var source = sum(planes, sum(scaled(i, params.width, 0u), j));
            var by = moved(start, u * params.size + v);
            for (var seen = 0u; seen < fours; seen += 4u) {
                sums = plus(sums, of_left(by), inside(source, is_inside));
                sums = plus(sums, of_left(moved(by, window)), inside(moved(source, plane), is_inside));
                sums = plus(sums, of_left(moved(by, 2u * window)), inside(moved(source, 2u * plane), is_inside));
                sums = plus(sums, of_left(moved(by, 3u * window)), inside(moved(source, 3u * plane), is_inside));
                by = moved(by, 4u * window);
                source = moved(source, 4u * plane);
            }
            for (var seen = fours; seen < params.group_channels; seen++) {
                sums = plus(sums, of_left(by), inside(source, is_inside));
                by = moved(by, window);
                source = moved(source, plane);
            }
        }
    }
    if params.bias != NO_BIAS {
        // An outer product with ones adds the bias of each filter to every place.
        let biases = of_left(moved(filters, params.bias + group * params.group_filters));
        sums = plus(sums, biases, ones());
    }
    let own = scaled(filters, places, group * params.group_filters * places);
    let to = sum(scaled(row, params.filters * places, 0u), place);
    store(own, to, sums);
}

// The entries under one tap of sixteen windows, in one plane each.
fn under(own: Indices, tops: Indices, lefts: Indices, tap: u32) -> Floats {
    let i = moved(tops, tap / params.size);
    let j = moved(lefts, tap % params.size);
    let is_inside = both(below(i, params.height), below(j, params.width));
    return inside(sum(own, sum(scaled(i, params.width, 0u), j)), is_inside);
}

fn left_at(at: u32) -> f32 { return weights[at]; }

fn right_at(at: u32) -> f32 { return x[at]; }

fn store_at(at: u32, sum: f32) {
    y[at] = sum;
}
