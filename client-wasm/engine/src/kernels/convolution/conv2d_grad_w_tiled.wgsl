// A tap of a channel.
struct Column {
    channel: u32,
    u: u32,
    v: u32,
}

// One workgroup per sixteen filters of a group and sixteen taps.
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) tile: vec3u, @builtin(local_invocation_index) lane: u32) {
    group = tile.z;
    let first = vec2u(tile.y, tile.x) * 16u;
    let sum = sliced(first, lane, params.rows * params.places_down * params.places_across);
    let in_group = first.x + lane / 16u;
    let tap = first.y + lane % 16u;
    let len = params.group_channels * params.size * params.size;
    if in_group < params.group_filters && tap < len {
        gradients[params.offset + (group * params.group_filters + in_group) * len + tap] = sum;
    }
}

var<private> group: u32;

fn left_entry(in_group: u32, depth: u32) -> f32 {
    if in_group >= params.group_filters {
        return 0.0;
    }
    let places = params.places_down * params.places_across;
    let own = depth / places * params.filters + group * params.group_filters + in_group;
    return dy[own * places + depth % places];
}

fn column_of(tap: u32) -> Column {
    let window = params.size * params.size;
    return Column(tap / window, tap % window / params.size - params.padding, tap % params.size - params.padding);
}

fn right_entry(column: Column, depth: u32) -> f32 {
    let places = params.places_down * params.places_across;
    // Beyond the upper and left edges these wrap to large numbers, which are past the opposite edges.
    let i = depth % places / params.places_across * params.stride + column.u;
    let j = depth % params.places_across * params.stride + column.v;
    if column.channel >= params.group_channels || i >= params.height || j >= params.width {
        return 0.0;
    }
    let channel = depth / places * params.channels + group * params.group_channels + column.channel;
    return x[(channel * params.height + i) * params.width + j];
}
