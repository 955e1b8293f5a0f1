const WIDTH = 64u;

fn n_items() -> u32 { return params.rows; }

fn item(row: u32) {
    let start = row * params.len;
    var along = 0.0;
    for (var at = start; at < start + params.len; at++) {
        along += y[at] * dy[at];
    }
    for (var at = start; at < start + params.len; at++) {
        dx[at] = y[at] * (dy[at] - along);
    }
}
