struct Params {
    rows: u32,
    channels: u32,
    height: u32,
    width: u32,
    filters: u32,
    places_down: u32,
    places_across: u32,
    size: u32,
    stride: u32,
    padding: u32,
    group_filters: u32,
    group_channels: u32,
    offset: u32,
    bias: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

const NO_BIAS = 0xffffffffu;

// Where the window of a place begins.
struct Column {
    is_there: bool,
    plane: u32,
    top: u32,
    left: u32,
}

// One workgroup per 64 filters of a group and 64 places.
@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_id) id: vec3u) {
    group = tile.z;
    let first = vec2u(tile.y, tile.x) * TILE;
    var sums = product(first, id, params.group_channels * params.size * params.size);
    let places = params.places_down * params.places_across;
    for (var row = 0u; row < 4u; row++) {
        let in_group = first.x + id.y * 4u + row;
        if in_group >= params.group_filters {
            return;
        }
        let own = group * params.group_filters + in_group;
        var bias = 0.0;
        if params.bias != NO_BIAS {
            bias = weights[params.bias + own];
        }
        for (var at = 0u; at < 4u; at++) {
            let column = first.y + id.x * 4u + at;
            if column < params.rows * places {
                y[(column / places * params.filters + own) * places + column % places] = sums[row][at] + bias;
            }
        }
    }
}

var<private> group: u32;

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
    // Beyond the upper and left edges these wrap to large numbers, past the others.
    let i = column.top + depth % window / params.size;
    let j = column.left + depth % params.size;
    if !column.is_there || seen >= params.group_channels || i >= params.height || j >= params.width {
        return 0.0;
    }
    return x[column.plane + (seen * params.height + i) * params.width + j];
}
