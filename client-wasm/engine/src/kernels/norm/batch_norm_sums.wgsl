const WIDTH = 8u;

fn n_items() -> u32 { return params.channels; }

fn item(channel: u32) {
    let mean = stats[channel];
    let inverse = stats[params.channels + channel];
    var plain = 0.0;
    var along = 0.0;
    for (var row = 0u; row < params.rows; row += 4u) {
        let starts = starts_of(row, channel);
        for (var it = 0u; it < params.inner; it++) {
            let at = starts + it;
            let flow = vec4f(dy[at.x], dy[at.y], dy[at.z], dy[at.w]);
            let counted = select(vec4f(), flow, is_row(row, params.rows));
            plain += dot(counted, vec4f(1.0));
            along += dot(counted, vec4f(x[at.x], x[at.y], x[at.z], x[at.w]) - mean) * inverse;
        }
    }
    store_sums(channel, plain, along);
}
