struct Params {
    rows: u32,
    channels: u32,
    inner: u32,
    gain: u32,
    shift: u32,
    mean: u32,
    variance: u32,
    momentum: f32,
    epsilon: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> stats: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read> sums: array<f32>;
@group(0) @binding(5) var<storage, read> row_scale: array<f32>;
@group(0) @binding(6) var<storage, read> weights: array<f32>;
@group(0) @binding(7) var<storage, read_write> dx: array<f32>;

const NONE = 0xffffffffu;

fn n_entries() -> u32 {
    return params.rows * params.channels * params.inner;
}

fn entry(at: u32) {
    let plane = at / params.inner;
    let row = plane / params.channels;
    let channel = plane - row * params.channels;
    var gain = 1.0;
    if params.gain != NONE {
        gain = weights[params.gain + channel];
    }
    let inverse = stats[params.channels + channel];
    let along = (x[at] - stats[channel]) * inverse * sums[params.channels + channel];
    let through_stats = row_scale[row] / f32(params.inner) * (sums[channel] + along);
    dx[at] = gain * inverse * (dy[at] - through_stats);
}
