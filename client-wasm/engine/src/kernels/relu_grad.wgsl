struct Params {
    len: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

fn n_entries() -> u32 {
    return params.len;
}

fn entry(at: u32) {
    dx[at] = select(0.0, dy[at], y[at] > 0.0);
}
