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

// Each invocation keeps sixteen channels of one group at sixteen entries: a matrix product whose right factor is read
// where it lies. Channels and entries past the end repeat the last one and store what is there already.
@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let plane = params.height * params.width;
    let places = params.places_down * params.places_across;
    let tiles_down = (params.group_channels + 15u) / 16u;
    let tiles_across = (params.rows * plane + 15u) / 16u;
    let tile = id.x + id.y * groups.x * 4u;
    if tile >= params.channels / max(params.group_channels, 1u) * tiles_down * tiles_across {
        return;
    }
    let group = tile / tiles_across / tiles_down;
    let channels = sixteen(tile / tiles_across % tiles_down * 16u, params.group_channels);
    let columns = sixteen(tile % tiles_across * 16u, params.rows * plane);
    let row = over(columns, plane);
    let place = rest(columns, plane);
    let i = moved(over(place, params.width), params.padding);
    let j = moved(rest(place, params.width), params.padding);
    let senders = scaled(row, params.filters * places, group * params.group_filters * places);
    let window = params.size * params.size;
    let len = params.group_channels * window;
    let start = scaled(channels, window, params.offset + group * params.group_filters * len);
    // Four at a time: what a loop carries from turn to turn is copied each time.
    let fours = params.group_filters & ~3u;
    var sums = Sums();
    for (var u = 0u; u < params.size; u++) {
        // Where the window must start for its u-th row to be here; wraps when that is beyond the upper edge.
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
                sums = plus(sums, weight(by), entry(source, is_seen));
                by = moved(by, len);
                source = moved(source, places);
                sums = plus(sums, weight(by), entry(source, is_seen));
                by = moved(by, len);
                source = moved(source, places);
                sums = plus(sums, weight(by), entry(source, is_seen));
                by = moved(by, len);
                source = moved(source, places);
                sums = plus(sums, weight(by), entry(source, is_seen));
                by = moved(by, len);
                source = moved(source, places);
            }
            for (var sender = fours; sender < params.group_filters; sender++) {
                sums = plus(sums, weight(by), entry(source, is_seen));
                by = moved(by, len);
                source = moved(source, places);
            }
        }
    }
    let own = scaled(channels, plane, group * params.group_channels * plane);
    let to = sum(scaled(row, params.channels * plane, 0u), place);
    store(own, to, sums);
}

fn weight(at: Indices) -> Floats {
    return Floats(four_of_weight(at.p), four_of_weight(at.q), four_of_weight(at.r), four_of_weight(at.s));
}

fn four_of_weight(at: vec4u) -> vec4f {
    return vec4f(weights[at.x], weights[at.y], weights[at.z], weights[at.w]);
}

fn entry(at: Indices, is_inside: Flags) -> Floats {
    return Floats(
        four_of_entry(at.p, is_inside.p), four_of_entry(at.q, is_inside.q),
        four_of_entry(at.r, is_inside.r), four_of_entry(at.s, is_inside.s),
    );
}

fn four_of_entry(at: vec4u, is_inside: vec4<bool>) -> vec4f {
    return select(vec4f(), vec4f(dy[at.x], dy[at.y], dy[at.z], dy[at.w]), is_inside);
}

fn store_four(at: vec4u, sums: vec4f) {
    dx[at.x] = sums.x;
    dx[at.y] = sums.y;
    dx[at.z] = sums.z;
    dx[at.w] = sums.w;
}
