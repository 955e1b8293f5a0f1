const LEAST = 1e-10;

fn n_lines() -> u32 { return params.rows; }

fn line(row: u32, lane: u32) {
    let start = row * params.words;
    let end = start + params.words;
    var most = logits[start];
    for (var at = start + lane; at < end; at += 64u) {
        most = max(most, logits[at]);
    }
    most = largest(lane, most);
    var part = 0.0;
    for (var at = start + lane; at < end; at += 64u) {
        part += exp(logits[at] - most);
    }
    let all = total(lane, part);
    var loss = 0.0;
    var explained = 0.0;
    for (var at = start + lane; at < end; at += 64u) {
        let share = exp(logits[at] - most) / all;
        loss -= counts[at] * log(share + LEAST);
        explained += counts[at] * share / (share + LEAST);
    }
    loss = total(lane, loss);
    explained = total(lane, explained);
    for (var at = start + lane; at < end; at += 64u) {
        let share = exp(logits[at] - most) / all;
        d_logits[at] = (share * explained - counts[at] * share / (share + LEAST)) * row_scale[row];
    }
    if lane == 0u {
        marks[2u * row] = loss;
        marks[2u * row + 1u] = 0.0;
    }
}
