const WIDTH = 8u;

fn n_items() -> u32 { return params.channels; }

fn item(channel: u32) {
    var sum = 0.0;
    for (var row = 0u; row < params.rows; row += 4u) {
        let starts = starts_of(row, channel);
        for (var it = 0u; it < params.inner; it++) {
            let at = starts + it;
            let entries = vec4f(x[at.x], x[at.y], x[at.z], x[at.w]);
            sum += dot(select(vec4f(), entries, is_row(row, params.rows)), vec4f(1.0));
        }
    }
    sums[params.offset + channel] = sum;
}
