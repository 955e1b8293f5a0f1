const NO_BIAS = 0xffffffffu;

// Start of the window of a place.
struct Column {
    is_there: bool,
    plane: u32,
    top: u32,
    left: u32,
}

fn n_lines() -> u32 { return params.group_filters; }

fn n_deep() -> u32 { return params.group_channels * params.size * params.size; }

fn store_four(in_group: u32, first: u32, sums: vec4f) {
    let places = params.places_down * params.places_across;
    let own = group * params.group_filters + in_group;
    var bias = 0.0;
    if params.bias != NO_BIAS {
        bias = weights[params.bias + own];
    }
    for (var at = 0u; at < 4u; at++) {
        let column = first + at;
        if column < params.rows * places {
            y[(column / places * params.filters + own) * places + column % places] = sums[at] + bias;
        }
    }
}

fn left_entry(in_group: u32, depth: u32) -> f32 {
    let len = params.group_channels * params.size * params.size;
    if in_group >= params.group_filters || depth >= len {
        return 0.0;
    }
    return weights[params.offset + (group * params.group_filters + in_group) * len + depth];
}

fn column_of(column: u32) -> Column {
    let places = params.places_down * params.places_across;
    let place = column % places;
    return Column(
        column < params.rows * places,
        (column / places * params.channels + group * params.group_channels) * params.height * params.width,
        place / params.places_across * params.stride - params.padding,
        place % params.places_across * params.stride - params.padding,
    );
}

fn right_entry(column: Column, depth: u32) -> f32 {
    let window = params.size * params.size;
    let seen = depth / window;
    // Beyond the upper and left edges these wrap to large numbers, which are past the opposite edges.
    let i = column.top + depth % window / params.size;
    let j = column.left + depth % params.size;
    if !column.is_there || seen >= params.group_channels || i >= params.height || j >= params.width {
        return 0.0;
    }
    return x[column.plane + (seen * params.height + i) * params.width + j];
}
