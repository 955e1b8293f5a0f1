const WIDTH = 64u;

fn n_items() -> u32 { return params.rows; }

fn item(row: u32) {
    let start = row * params.len;
    var mean = 0.0;
    for (var at = 0u; at < params.len; at++) {
        mean += x[start + at];
    }
    mean /= f32(params.len);
    var variance = 0.0;
    for (var at = 0u; at < params.len; at++) {
        let apart = x[start + at] - mean;
        variance += apart * apart;
    }
    let inverse = 1.0 / sqrt(variance / f32(params.len) + params.epsilon);
    stats[2u * row] = mean;
    stats[2u * row + 1u] = inverse;
    for (var at = 0u; at < params.len; at++) {
        y[start + at] = (x[start + at] - mean) * inverse * weights[params.gain + at] + weights[params.shift + at];
    }
}
