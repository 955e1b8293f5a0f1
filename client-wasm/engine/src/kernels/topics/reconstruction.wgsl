const LEAST = 1e-10;

const WIDTH = 4u;

fn n_items() -> u32 { return params.rows; }

fn item(row: u32) {
    let start = row * params.words;
    let end = start + params.words;
    var most = logits[start];
    for (var at = start; at < end; at++) {
        most = max(most, logits[at]);
    }
    var total = 0.0;
    for (var at = start; at < end; at++) {
        total += exp(logits[at] - most);
    }
    var loss = 0.0;
    var explained = 0.0;
    for (var at = start; at < end; at++) {
        let share = exp(logits[at] - most) / total;
        loss -= counts[at] * log(share + LEAST);
        explained += counts[at] * share / (share + LEAST);
    }
    marks[2u * row] = loss;
    marks[2u * row + 1u] = 0.0;
    for (var at = start; at < end; at++) {
        let share = exp(logits[at] - most) / total;
        d_logits[at] = (share * explained - counts[at] * share / (share + LEAST)) * row_scale[row];
    }
}
