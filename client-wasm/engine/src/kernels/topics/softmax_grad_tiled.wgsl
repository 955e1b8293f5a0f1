fn n_lines() -> u32 { return params.rows; }

fn line(row: u32, lane: u32) {
    let start = row * params.len;
    let end = start + params.len;
    var part = 0.0;
    for (var at = start + lane; at < end; at += 64u) {
        part += y[at] * dy[at];
    }
    let along = total(lane, part);
    for (var at = start + lane; at < end; at += 64u) {
        dx[at] = y[at] * (dy[at] - along);
    }
}
