const WIDTH = 64u;

fn n_items() -> u32 {
    let window = params.size * params.size;
    let len = params.group_channels * window;
    let group_blocks = (params.group_filters + 3u) / 4u;
    let blocks = params.filters / max(params.group_filters, 1u) * group_blocks;
    return blocks * len;
}

// Each invocation computes four filters of one group at one tap, so that an entry of x is read once for all of them.
fn item(at: u32) {
    let window = params.size * params.size;
    let len = params.group_channels * window;
    let places = params.places_down * params.places_across;
    let group_blocks = (params.group_filters + 3u) / 4u;
    let tap = at % len;
    let block = at / len;
    let group = block / group_blocks;
    let first = block % group_blocks * 4u;
    let lanes = min(params.group_filters - first, 4u);
    let lane = min(vec4u(0u, 1u, 2u, 3u), vec4u(lanes - 1u));
    let filters = group * params.group_filters + first + lane;
    let channel = group * params.group_channels + tap / window;
    let u = tap % window / params.size;
    let v = tap % params.size;
    var sums = vec4f();
    for (var row = 0u; row < params.rows; row++) {
        let plane = (row * params.channels + channel) * params.height * params.width;
        let first_place = (row * params.filters + filters) * places;
        for (var down = 0u; down < params.places_down; down++) {
            // Beyond the upper edge this wraps to a large number, which is past the lower edge.
            let i = down * params.stride + u - params.padding;
            if i >= params.height {
                continue;
            }
            for (var across = 0u; across < params.places_across; across++) {
                let j = across * params.stride + v - params.padding;
                if j < params.width {
                    let place = first_place + down * params.places_across + across;
                    let by = vec4f(dy[place.x], dy[place.y], dy[place.z], dy[place.w]);
                    sums += x[plane + i * params.width + j] * by;
                }
            }
        }
    }
    for (var it = 0u; it < lanes; it++) {
        gradients[params.offset + (filters.x + it) * len + tap] = sums[it];
    }
}
