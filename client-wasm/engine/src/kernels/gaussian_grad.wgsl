struct Params {
    len: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> mean: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> d_log_variance: array<f32>;

fn n_entries() -> u32 {
    return params.len;
}

fn entry(at: u32) {
    d_log_variance[at] = dy[at] * (y[at] - mean[at]) / 2.0;
}
