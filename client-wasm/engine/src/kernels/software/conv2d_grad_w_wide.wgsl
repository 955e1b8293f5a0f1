fn n_groups() -> u32 { return params.filters / max(params.group_filters, 1u); }

fn n_lines() -> u32 { return params.group_filters; }

fn n_columns() -> u32 { return params.group_channels * params.size * params.size; }

// Each invocation computes sixteen filters of one group at sixteen taps: a matrix product whose right factor is read in
// place. Filters and taps past the end repeat the last one and store the same value again.
fn tile(group: u32, first_filter: u32, first_tap: u32) {
    let plane = params.height * params.width;
    let places = params.places_down * params.places_across;
    let window = params.size * params.size;
    let len = params.group_channels * window;
    let filters = sixteen(first_filter, params.group_filters);
    let taps = sixteen(first_tap, len);
    let u = moved(over(rest(taps, window), params.size), 0u - params.padding);
    let v = moved(rest(taps, params.size), 0u - params.padding);
    let planes = scaled(over(taps, window), plane, group * params.group_channels * plane);
    let senders = scaled(filters, places, group * params.group_filters * places);
    // Four steps per iteration, because values carried between iterations are copied each time.
    let fours = params.places_across & ~3u;
    var sums = Sums();
    for (var row = 0u; row < params.rows; row++) {
        for (var down = 0u; down < params.places_down; down++) {
            // Beyond the upper and left edges these wrap to large numbers, which are past the opposite edges.
            let i = moved(u, down * params.stride);
            let is_row = below(i, params.height);
            let line = moved(sum(planes, scaled(i, params.width, 0u)), row * params.channels * plane);
            var source = moved(senders, row * params.filters * places + down * params.places_across);
            var j = v;
            for (var across = 0u; across < fours; across += 4u) {
                sums = plus(sums, of_left(source), inside(sum(line, j), both(is_row, below(j, params.width))));
                source = moved(source, 1u);
                j = moved(j, params.stride);
                sums = plus(sums, of_left(source), inside(sum(line, j), both(is_row, below(j, params.width))));
                source = moved(source, 1u);
                j = moved(j, params.stride);
                sums = plus(sums, of_left(source), inside(sum(line, j), both(is_row, below(j, params.width))));
                source = moved(source, 1u);
                j = moved(j, params.stride);
                sums = plus(sums, of_left(source), inside(sum(line, j), both(is_row, below(j, params.width))));
                source = moved(source, 1u);
                j = moved(j, params.stride);
            }
            for (var across = fours; across < params.places_across; across++) {
                sums = plus(sums, of_left(source), inside(sum(line, j), both(is_row, below(j, params.width))));
                source = moved(source, 1u);
                j = moved(j, params.stride);
            }
        }
    }
    let own = scaled(filters, len, params.offset + group * params.group_filters * len);
    store(own, taps, sums);
}

fn left_at(at: u32) -> f32 { return dy[at]; }

fn right_at(at: u32) -> f32 { return x[at]; }

fn store_at(at: u32, sum: f32) {
    gradients[at] = sum;
}
