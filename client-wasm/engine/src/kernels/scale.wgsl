struct Params {
    len: u32,
    factor: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> values: array<f32>;

fn n_entries() -> u32 {
    return params.len;
}

fn entry(at: u32) {
    values[at] *= params.factor;
}
