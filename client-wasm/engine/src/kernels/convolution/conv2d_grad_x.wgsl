const WIDTH = 64u;

fn n_items() -> u32 {
    let plane = params.height * params.width;
    let group_blocks = (params.group_channels + 3u) / 4u;
    let blocks = params.channels / max(params.group_channels, 1u) * group_blocks;
    return params.rows * blocks * plane;
}

// Each invocation computes four channels of one group at one entry, so that an entry of dy is read once for all of
// them.
fn item(at: u32) {
    let plane = params.height * params.width;
    let places = params.places_down * params.places_across;
    let group_blocks = (params.group_channels + 3u) / 4u;
    let blocks = params.channels / max(params.group_channels, 1u) * group_blocks;
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
            // Start of the window whose u-th row is here; wraps when the start is beyond the upper edge.
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
