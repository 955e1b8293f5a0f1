fn n_entries() -> u32 { return params.len; }

fn entry(at: u32) {
    let weight = weights[at];
    let moment = params.momentum * moments[at] + (gradients[at] + params.decay * weight);
    moments[at] = moment;
    weights[at] = weight - knobs[0] * moment;
}
