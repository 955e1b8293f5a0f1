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

// Each invocation keeps four channels of one group at one entry, so that an entry of dy is read once for all of them.
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let plane = params.height * params.width;
    let places = params.places_down * params.places_across;
    let group_blocks = (params.group_channels + 3u) / 4u;
    let blocks = params.channels / max(params.group_channels, 1u) * group_blocks;
    let at = id.x + id.y * groups.x * 64u;
    if at >= params.rows * blocks * plane {
        return;
    }
    let i = at % plane / params.width;
    let j = at % params.width;
    let block = at / plane % blocks;
    let row = at / plane / blocks;
    let group = block / group_blocks;
    let first = block % group_blocks * 4u;
    let lanes = min(params.group_channels - first, 4u);
    let window = params.size * params.size;
    // Lanes past the last channel repeat it; their sums are not stored.
    let seen = first + min(vec4u(0u, 1u, 2u, 3u), vec4u(lanes - 1u));
    var sums = vec4f();
    for (var in_group = 0u; in_group < params.group_filters; in_group++) {
        let sender = group * params.group_filters + in_group;
        let start = params.offset + (sender * params.group_channels + seen) * window;
        let first_place = (row * params.filters + sender) * places;
        for (var u = 0u; u < params.size; u++) {
            // Where the window must start for its u-th row to be here; wraps when that is beyond the upper edge.
            let top = i + params.padding - u;
            let down = top / params.stride;
            if top > i + params.padding || top % params.stride != 0u || down >= params.places_down {
                continue;
            }
            for (var v = 0u; v < params.size; v++) {
                let left = j + params.padding - v;
                let across = left / params.stride;
                if left > j + params.padding || left % params.stride != 0u || across >= params.places_across {
                    continue;
                }
                let tap = start + u * params.size + v;
                let by = vec4f(weights[tap.x], weights[tap.y], weights[tap.z], weights[tap.w]);
                sums += dy[first_place + down * params.places_across + across] * by;
            }
        }
    }
    let to = (row * params.channels + group * params.group_channels + first) * plane + at % plane;
    for (var it = 0u; it < lanes; it++) {
        dx[to + it * plane] = sums[it];
    }
}
