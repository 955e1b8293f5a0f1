const WIDTH = 64u;

fn n_items() -> u32 { return params.rows; }

fn item(row: u32) {
    let start = row * params.len;
    var most = x[start];
    for (var at = 1u; at < params.len; at++) {
        most = max(most, x[start + at]);
    }
    var total = 0.0;
    for (var at = 0u; at < params.len; at++) {
        let share = exp(x[start + at] - most);
        y[start + at] = share;
        total += share;
    }
    for (var at = 0u; at < params.len; at++) {
        y[start + at] /= total;
    }
}
