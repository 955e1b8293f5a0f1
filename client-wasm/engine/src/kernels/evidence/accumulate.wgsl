struct Params {
    len: u32,
    fold: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> gradients: array<f32>;
@group(0) @binding(2) var<storage, read_write> evidence: array<f32>;

const ABSOLUTE = 1u;
const SQUARE = 2u;

fn n_entries() -> u32 {
    return params.len;
}

fn entry(at: u32) {
    let gradient = gradients[at];
    let size = select(gradient, abs(gradient), params.fold == ABSOLUTE);
    evidence[at] += select(size, gradient * gradient, params.fold == SQUARE);
}
