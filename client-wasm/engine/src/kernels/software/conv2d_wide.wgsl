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

// Each invocation keeps sixteen filters of one group at sixteen places: a matrix product whose right factor is read
// where it lies. Filters and places past the end repeat the last one and store what is there already.
@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let places = params.places_down * params.places_across;
    let tiles_down = (params.group_filters + 15u) / 16u;
    let tiles_across = (params.rows * places + 15u) / 16u;
    let tile = id.x + id.y * groups.x * 4u;
    if tile >= params.filters / max(params.group_filters, 1u) * tiles_down * tiles_across {
        return;
    }
    let group = tile / tiles_across / tiles_down;
    let filters = sixteen(tile / tiles_across % tiles_down * 16u, params.group_filters);
    let columns = sixteen(tile % tiles_across * 16u, params.rows * places);
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
    // Four at a time, channels or else taps: what a loop carries from turn to turn is copied each time.
    let few = select(0u, params.group_channels, params.group_channels < 4u);
    for (var seen = 0u; seen < few; seen++) {
        let own = moved(planes, seen * plane);
        let by = moved(start, seen * window);
        let four_taps = window & ~3u;
        for (var tap = 0u; tap < four_taps; tap += 4u) {
            sums = plus(sums, weight(moved(by, tap)), under(own, tops, lefts, tap));
            sums = plus(sums, weight(moved(by, tap + 1u)), under(own, tops, lefts, tap + 1u));
            sums = plus(sums, weight(moved(by, tap + 2u)), under(own, tops, lefts, tap + 2u));
            sums = plus(sums, weight(moved(by, tap + 3u)), under(own, tops, lefts, tap + 3u));
        }
        for (var tap = four_taps; tap < window; tap++) {
            sums = plus(sums, weight(moved(by, tap)), under(own, tops, lefts, tap));
        }
    }
    let fours = params.group_channels & ~3u;
    for (var u = 0u; u < select(params.size, 0u, few > 0u); u++) {
        let i = moved(tops, u);
        for (var v = 0u; v < params.size; v++) {
            let j = moved(lefts, v);
            // Beyond the upper and left edges these have wrapped to large numbers, past the others.
            let is_inside = both(below(i, params.height), below(j, params.width));
            var source = sum(planes, sum(scaled(i, params.width, 0u), j));
            var by = moved(start, u * params.size + v);
            for (var seen = 0u; seen < fours; seen += 4u) {
                sums = plus(sums, weight(by), entry(source, is_inside));
                by = moved(by, window);
                source = moved(source, plane);
                sums = plus(sums, weight(by), entry(source, is_inside));
                by = moved(by, window);
                source = moved(source, plane);
                sums = plus(sums, weight(by), entry(source, is_inside));
                by = moved(by, window);
                source = moved(source, plane);
                sums = plus(sums, weight(by), entry(source, is_inside));
                by = moved(by, window);
                source = moved(source, plane);
            }
            for (var seen = fours; seen < params.group_channels; seen++) {
                sums = plus(sums, weight(by), entry(source, is_inside));
                by = moved(by, window);
                source = moved(source, plane);
            }
        }
    }
    if params.bias != NO_BIAS {
        // An outer product with ones adds the bias of its filter to every place.
        let biases = weight(moved(filters, params.bias + group * params.group_filters));
        sums = plus(sums, biases, ones());
    }
    let own = scaled(filters, places, group * params.group_filters * places);
    let to = sum(scaled(row, params.filters * places, 0u), place);
    store(own, to, sums);
}

// What lies under a tap of sixteen windows in one plane each.
fn under(own: Indices, tops: Indices, lefts: Indices, tap: u32) -> Floats {
    let i = moved(tops, tap / params.size);
    let j = moved(lefts, tap % params.size);
    let is_inside = both(below(i, params.height), below(j, params.width));
    return entry(sum(own, sum(scaled(i, params.width, 0u), j)), is_inside);
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
    return select(vec4f(), vec4f(x[at.x], x[at.y], x[at.z], x[at.w]), is_inside);
}

fn store_four(at: vec4u, sums: vec4f) {
    y[at.x] = sums.x;
    y[at.y] = sums.y;
    y[at.z] = sums.z;
    y[at.w] = sums.w;
}
