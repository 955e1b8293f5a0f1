const WIDTH = 64u;

fn n_items() -> u32 { return params.rows; }

fn item(row: u32) {
    let first = row * params.classes;
    let label = labels[row];
    let best = best_from(first);
    var total = 0.0;
    for (var entry = 0u; entry < params.classes; entry++) {
        total += exp(logits[first + entry] - best.most);
    }
    marks[2u * row] = log(total) - (logits[first + label] - best.most);
    marks[2u * row + 1u] = select(0.0, 1.0, best.at == label);
    for (var entry = 0u; entry < params.classes; entry++) {
        let right = select(0.0, 1.0, entry == label);
        d_logits[first + entry] = (exp(logits[first + entry] - best.most) / total - right) * row_scale[row];
    }
}
