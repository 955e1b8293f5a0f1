struct Params {
    len: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

fn n_entries() -> u32 {
    return params.len;
}

fn entry(at: u32) {
    let share = 1.0 / (1.0 + exp(-x[at]));
    dx[at] = dy[at] * (share + x[at] * share * (1.0 - share));
}
