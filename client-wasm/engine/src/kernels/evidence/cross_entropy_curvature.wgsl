const WIDTH = 64u;

fn n_items() -> u32 { return params.rows; }

fn item(row: u32) {
    let first = row * params.classes;
    let best = best_from(first);
    var others = 0.0;
    for (var entry = 0u; entry < params.classes; entry++) {
        others += select(exp(logits[first + entry] - best.most), 0.0, entry == best.at);
    }
    let total = 1.0 + others;
    for (var entry = 0u; entry < params.classes; entry++) {
        let share = exp(logits[first + entry] - best.most) / total;
        let rest = select(1.0 - share, others / total, entry == best.at);
        h_logits[first + entry] = share * rest * row_scale[row];
    }
}
