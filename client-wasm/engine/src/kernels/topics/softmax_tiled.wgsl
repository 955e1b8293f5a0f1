fn n_lines() -> u32 { return params.rows; }

fn line(row: u32, lane: u32) {
    let start = row * params.len;
    var most = x[start];
    for (var at = lane; at < params.len; at += 64u) {
        most = max(most, x[start + at]);
    }
    most = largest(lane, most);
    var part = 0.0;
    for (var at = lane; at < params.len; at += 64u) {
        part += exp(x[start + at] - most);
    }
    let all = total(lane, part);
    for (var at = lane; at < params.len; at += 64u) {
        y[start + at] = exp(x[start + at] - most) / all;
    }
}
