fn n_entries() -> u32 { return params.len; }

fn entry(at: u32) {
    let weight = weights[at];
    let gradient = gradients[at] + params.decay * weight;
    let moment = params.beta1 * moments[at] + (1.0 - params.beta1) * gradient;
    let square = params.beta2 * squares[at] + (1.0 - params.beta2) * gradient * gradient;
    moments[at] = moment;
    squares[at] = square;
    weights[at] = weight - knobs[0] * (moment / knobs[1]) / (sqrt(square / knobs[2]) + params.epsilon);
}
