// The largest logit of a row and its class, of equal ones the first.

struct Best {
    most: f32,
    at: u32,
}

fn best_from(first: u32) -> Best {
    var best = Best(logits[first], 0u);
    for (var entry = 1u; entry < params.classes; entry++) {
        if logits[first + entry] > best.most {
            best = Best(logits[first + entry], entry);
        }
    }
    return best;
}
