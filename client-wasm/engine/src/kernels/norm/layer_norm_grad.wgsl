const WIDTH = 64u;

fn n_items() -> u32 { return params.rows; }

fn item(row: u32) {
    let start = row * params.len;
    let mean = stats[2u * row];
    let inverse = stats[2u * row + 1u];
    var plain = 0.0;
    var along = 0.0;
    for (var at = 0u; at < params.len; at++) {
        let flow = dy[start + at] * weights[params.gain + at];
        plain += flow;
        along += flow * (x[start + at] - mean) * inverse;
    }
    plain /= f32(params.len);
    along /= f32(params.len);
    for (var at = 0u; at < params.len; at++) {
        let flow = dy[start + at] * weights[params.gain + at];
        dx[start + at] = inverse * (flow - plain - (x[start + at] - mean) * inverse * along);
    }
}
