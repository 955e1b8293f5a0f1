const WIDTH = 64u;

fn n_items() -> u32 { return params.len; }

fn item(at: u32) {
    var plain = 0.0;
    var along = 0.0;
    for (var row = 0u; row < params.rows; row++) {
        let entry = row * params.len + at;
        plain += dy[entry];
        along += dy[entry] * (x[entry] - stats[2u * row]) * stats[2u * row + 1u];
    }
    gradients[params.gain + at] = along;
    gradients[params.shift + at] = plain;
}
