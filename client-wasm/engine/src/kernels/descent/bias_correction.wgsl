@compute @workgroup_size(1)
fn main() {
    knobs[1] = params.beta1 * knobs[1] + params.rest1;
    knobs[2] = params.beta2 * knobs[2] + params.rest2;
}
