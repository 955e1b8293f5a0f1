fn n_groups() -> u32 { return params.channels / max(params.group_channels, 1u); }

fn n_lines() -> u32 { return params.group_channels; }

fn n_columns() -> u32 { return params.rows * params.height * params.width; }

// Each invocation computes sixteen channels of one group at sixteen entries: a matrix product whose right factor is
// read in place. Channels and entries past the end repeat the last one and store the same value again.
fn tile(group: u32, first_channel: u32, first_column: u32) {
    let plane = params.height * params.width;
    let places = params.places_down * params.places_across;
    let channels = sixteen(first_channel, params.group_channels);
    let columns = sixteen(first_column, params.rows * plane);
    let row = over(columns, plane);
    let place = rest(columns, plane);
    let i = moved(over(place, params.width), params.padding);
    let j = moved(rest(place, params.width), params.padding);
    let senders = scaled(row, params.filters * places, group * params.group_filters * places);
    let window = params.size * params.size;
    let len = params.group_channels * window;
    let start = scaled(channels, window, params.offset + group * params.group_filters * len);
    // Four steps per iteration, because values carried between iterations are copied each time.
    let fours = params.group_filters & ~3u;
    var sums = Sums();
    for (var u = 0u; u < params.size; u++) {
        // Start of the window whose u-th row is here; wraps when the start is beyond the upper edge.
        let top = moved(i, 0u - u);
        let down = over(top, params.stride);
        let is_row = both(below(down, params.places_down), none(rest(top, params.stride)));
        for (var v = 0u; v < params.size; v++) {
            let left = moved(j, 0u - v);
            let across = over(left, params.stride);
            let is_column = both(below(across, params.places_across), none(rest(left, params.stride)));
            let is_seen = both(is_row, is_column);
            var source = sum(senders, sum(scaled(down, params.places_across, 0u), across));
            var by = moved(start, u * params.size + v);
            for (var sender = 0u; sender < fours; sender += 4u) {
                sums = plus(sums, of_left(by), inside(source, is_seen));
                sums = plus(sums, of_left(moved(by, len)), inside(moved(source, places), is_seen));
                sums = plus(sums, of_left(moved(by, 2u * len)), inside(moved(source, 2u * places), is_seen));
                sums = plus(sums, of_left(moved(by, 3u * len)), inside(moved(source, 3u * places), is_seen));
                by = moved(by, 4u * len);
                source = moved(source, 4u * places);
            }
            for (var sender = fours; sender < params.group_filters; sender++) {
                sums = plus(sums, of_left(by), inside(source, is_seen));
                by = moved(by, len);
                source = moved(source, places);
            }
        }
    }
    let own = scaled(channels, plane, group * params.group_channels * plane);
    let to = sum(scaled(row, params.channels * plane, 0u), place);
    store(own, to, sums);
}

fn left_at(at: u32) -> f32 { return weights[at]; }

fn right_at(at: u32) -> f32 { return dy[at]; }

fn store_at(at: u32, sum: f32) {
    dx[at] = sum;
}
