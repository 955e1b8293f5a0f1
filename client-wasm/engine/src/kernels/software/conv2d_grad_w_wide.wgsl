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
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> gradients: array<f32>;

// Each invocation keeps sixteen filters of one group at sixteen taps: a matrix product whose right factor is read where
// it lies. Filters and taps past the end repeat the last one and store what is there already.
@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let plane = params.height * params.width;
    let places = params.places_down * params.places_across;
    let window = params.size * params.size;
    let len = params.group_channels * window;
    let tiles_down = (params.group_filters + 15u) / 16u;
    let tiles_across = (len + 15u) / 16u;
    let tile = id.x + id.y * groups.x * 4u;
    if tile >= params.filters / max(params.group_filters, 1u) * tiles_down * tiles_across {
        return;
    }
    let group = tile / tiles_across / tiles_down;
    let filters = sixteen(tile / tiles_across % tiles_down * 16u, params.group_filters);
    let taps = sixteen(tile % tiles_across * 16u, len);
    let u = moved(over(rest(taps, window), params.size), 0u - params.padding);
    let v = moved(rest(taps, params.size), 0u - params.padding);
    let planes = scaled(over(taps, window), plane, group * params.group_channels * plane);
    let senders = scaled(filters, places, group * params.group_filters * places);
    // Four at a time: what a loop carries from turn to turn is copied each time.
    let fours = params.places_across & ~3u;
    var sums = Sums();
    for (var row = 0u; row < params.rows; row++) {
        for (var down = 0u; down < params.places_down; down++) {
            // Beyond the upper and left edges these wrap to large numbers, past the others.
            let i = moved(u, down * params.stride);
            let is_row = below(i, params.height);
            let line = moved(sum(planes, scaled(i, params.width, 0u)), row * params.channels * plane);
            var source = moved(senders, row * params.filters * places + down * params.places_across);
            var j = v;
            for (var across = 0u; across < fours; across += 4u) {
                sums = plus(sums, sent(source), entry(sum(line, j), both(is_row, below(j, params.width))));
                source = moved(source, 1u);
                j = moved(j, params.stride);
                sums = plus(sums, sent(source), entry(sum(line, j), both(is_row, below(j, params.width))));
                source = moved(source, 1u);
                j = moved(j, params.stride);
                sums = plus(sums, sent(source), entry(sum(line, j), both(is_row, below(j, params.width))));
                source = moved(source, 1u);
                j = moved(j, params.stride);
                sums = plus(sums, sent(source), entry(sum(line, j), both(is_row, below(j, params.width))));
                source = moved(source, 1u);
                j = moved(j, params.stride);
            }
            for (var across = fours; across < params.places_across; across++) {
                sums = plus(sums, sent(source), entry(sum(line, j), both(is_row, below(j, params.width))));
                source = moved(source, 1u);
                j = moved(j, params.stride);
            }
        }
    }
    let own = scaled(filters, len, params.offset + group * params.group_filters * len);
    store(own, taps, sums);
}

fn sent(at: Indices) -> Floats {
    return Floats(four_of_sent(at.p), four_of_sent(at.q), four_of_sent(at.r), four_of_sent(at.s));
}

fn four_of_sent(at: vec4u) -> vec4f {
    return vec4f(dy[at.x], dy[at.y], dy[at.z], dy[at.w]);
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
    gradients[at.x] = sums.x;
    gradients[at.y] = sums.y;
    gradients[at.z] = sums.z;
    gradients[at.w] = sums.w;
}
