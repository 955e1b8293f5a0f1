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
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

// An entry of x, the padding counted.
struct Column {
    is_there: bool,
    row: u32,
    i: u32,
    j: u32,
}

// One workgroup per 64 channels of a group and 64 entries.
@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_id) id: vec3u) {
    group = tile.z;
    let first = vec2u(tile.y, tile.x) * TILE;
    var sums = product(first, id, params.group_filters * params.size * params.size);
    let plane = params.height * params.width;
    for (var row = 0u; row < 4u; row++) {
        let in_group = first.x + id.y * 4u + row;
        if in_group >= params.group_channels {
            return;
        }
        let channel = group * params.group_channels + in_group;
        for (var at = 0u; at < 4u; at++) {
            let column = first.y + id.x * 4u + at;
            if column < params.rows * plane {
                dx[(column / plane * params.channels + channel) * plane + column % plane] = sums[row][at];
            }
        }
    }
}

var<private> group: u32;

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
    // Where the window must start for this tap to be here; wraps when that is beyond the upper or the left edge.
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
