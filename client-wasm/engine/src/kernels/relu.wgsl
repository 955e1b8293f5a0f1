struct Params {
    len: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

fn n_entries() -> u32 {
    return params.len;
}

fn entry(at: u32) {
    y[at] = max(x[at], 0.0);
}
