const WIDTH = 64u;

fn n_items() -> u32 { return params.rows; }

fn item(row: u32) {
    let first = row * params.classes;
    var most = logits[first];
    var best = 0u;
    for (var entry = 1u; entry < params.classes; entry++) {
        if logits[first + entry] > most {
            most = logits[first + entry];
            best = entry;
        }
    }
    var others = 0.0;
    for (var entry = 0u; entry < params.classes; entry++) {
        others += select(exp(logits[first + entry] - most), 0.0, entry == best);
    }
    let total = 1.0 + others;
    for (var entry = 0u; entry < params.classes; entry++) {
        let share = exp(logits[first + entry] - most) / total;
        let rest = select(1.0 - share, others / total, entry == best);
        h_logits[first + entry] = share * rest * row_scale[row];
    }
}
