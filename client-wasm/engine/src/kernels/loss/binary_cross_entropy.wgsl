const WIDTH = 64u;

fn n_items() -> u32 { return params.rows; }

fn item(row: u32) {
    let first = row * params.classes;
    let label = labels[row];
    var loss = 0.0;
    var best = 0u;
    for (var entry = 0u; entry < params.classes; entry++) {
        let logit = logits[first + entry];
        let is_true = select(0.0, 1.0, entry == label);
        loss += max(logit, 0.0) - logit * is_true + log(1.0 + exp(-abs(logit)));
        d_logits[first + entry] = (1.0 / (1.0 + exp(-logit)) - is_true) * row_scale[row] / f32(params.classes);
        if logit > logits[first + best] {
            best = entry;
        }
    }
    marks[2u * row] = loss / f32(params.classes);
    marks[2u * row + 1u] = select(0.0, 1.0, best == label);
}
