// An entry of x, in coordinates that include the padding.
struct Column {
    is_there: bool,
    row: u32,
    i: u32,
    j: u32,
}

fn n_lines() -> u32 { return params.group_channels; }

fn n_deep() -> u32 { return params.group_filters * params.size * params.size; }

fn store_four(in_group: u32, first: u32, sums: vec4f) {
    let plane = params.height * params.width;
    let channel = group * params.group_channels + in_group;
    for (var at = 0u; at < 4u; at++) {
        let column = first + at;
        if column < params.rows * plane {
            dx[(column / plane * params.channels + channel) * plane + column % plane] = sums[at];
        }
    }
}

fn left_entry(in_group: u32, depth: u32) -> f32 {
    let window = params.size * params.size;
    let sender = depth / window;
    if in_group >= params.group_channels || sender >= params.group_filters {
        return 0.0;
    }
    let own = group * params.group_filters + sender;
    return weights[params.offset + (own * params.group_channels + in_group) * window + depth % window];
}

fn column_of(column: u32) -> Column {
    let plane = params.height * params.width;
    return Column(
        column < params.rows * plane,
        column / plane,
        column % plane / params.width + params.padding,
        column % params.width + params.padding,
    );
}

fn right_entry(column: Column, depth: u32) -> f32 {
    let window = params.size * params.size;
    let sender = depth / window;
    // Start of the window for which this tap is here; wraps when the start is beyond the upper or the left edge.
    let top = column.i - depth % window / params.size;
    let left = column.j - depth % params.size;
    let down = top / params.stride;
    let across = left / params.stride;
    let is_place = top % params.stride == 0u && left % params.stride == 0u;
    let is_seen = column.is_there && is_place && down < params.places_down && across < params.places_across;
    if !is_seen || sender >= params.group_filters {
        return 0.0;
    }
    let own = column.row * params.filters + group * params.group_filters + sender;
    return dy[(own * params.places_down + down) * params.places_across + across];
}
