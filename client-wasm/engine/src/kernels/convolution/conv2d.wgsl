const NO_BIAS = 0xffffffffu;

const WIDTH = 64u;

fn n_items() -> u32 {
    let places = params.places_down * params.places_across;
    let group_blocks = (params.group_filters + 3u) / 4u;
    let blocks = params.filters / max(params.group_filters, 1u) * group_blocks;
    return params.rows * blocks * places;
}

// Each invocation computes four filters of one group at one place, so that an entry of x is read once for all of them.
fn item(at: u32) {
    let places = params.places_down * params.places_across;
    let group_blocks = (params.group_filters + 3u) / 4u;
    let blocks = params.filters / max(params.group_filters, 1u) * group_blocks;
    let place = at % places;
    let block = at / places % blocks;
    let row = at / places / blocks;
    let group = block / group_blocks;
    let first = block % group_blocks * 4u;
    let lanes = min(params.group_filters - first, 4u);
    let window = params.size * params.size;
    let len = params.group_channels * window;
    // Lanes past the last filter repeat it; their sums are not stored.
    let lane = min(vec4u(0u, 1u, 2u, 3u), vec4u(lanes - 1u));
    let filters = group * params.group_filters + first + lane;
    let start = params.offset + filters * len;
    let top = place / params.places_across * params.stride;
    let left = place % params.places_across * params.stride;
    var sums = vec4f();
    if params.bias != NO_BIAS {
        let bias = params.bias + filters;
        sums = vec4f(weights[bias.x], weights[bias.y], weights[bias.z], weights[bias.w]);
    }
    for (var seen = 0u; seen < params.group_channels; seen++) {
        let plane = (row * params.channels + group * params.group_channels + seen) * params.height * params.width;
        for (var u = 0u; u < params.size; u++) {
            // Beyond the upper edge this wraps to a large number, which is past the lower edge.
            let i = top + u - params.padding;
            if i >= params.height {
                continue;
            }
            for (var v = 0u; v < params.size; v++) {
                let j = left + v - params.padding;
                if j < params.width {
                    let tap = start + seen * window + u * params.size + v;
                    let by = vec4f(weights[tap.x], weights[tap.y], weights[tap.z], weights[tap.w]);
                    sums += x[plane + i * params.width + j] * by;
                }
            }
        }
    }
    for (var it = 0u; it < lanes; it++) {
        y[(row * params.filters + filters.x + it) * places + place] = sums[it];
    }
}
