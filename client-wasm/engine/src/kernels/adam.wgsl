struct Params {
    len: u32,
    beta1: f32,
    beta2: f32,
    epsilon: f32,
    decay: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> gradients: array<f32>;
@group(0) @binding(2) var<storage, read> knobs: array<f32>;
@group(0) @binding(3) var<storage, read_write> weights: array<f32>;
@group(0) @binding(4) var<storage, read_write> moments: array<f32>;
@group(0) @binding(5) var<storage, read_write> squares: array<f32>;

fn n_entries() -> u32 {
    return params.len;
}

fn entry(at: u32) {
    let weight = weights[at];
    let gradient = gradients[at] + params.decay * weight;
    let moment = params.beta1 * moments[at] + (1.0 - params.beta1) * gradient;
    let square = params.beta2 * squares[at] + (1.0 - params.beta2) * gradient * gradient;
    moments[at] = moment;
    squares[at] = square;
    weights[at] = weight - knobs[0] * (moment / knobs[1]) / (sqrt(square / knobs[2]) + params.epsilon);
}
