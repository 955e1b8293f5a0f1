struct Params {
    beta1: f32,
    rest1: f32,
    beta2: f32,
    rest2: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> knobs: array<f32>;

@compute @workgroup_size(1)
fn main() {
    knobs[1] = params.beta1 * knobs[1] + params.rest1;
    knobs[2] = params.beta2 * knobs[2] + params.rest2;
}
