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
@group(0) @binding(3) var<storage, read> weights: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

const NONE = 0xffffffffu;

fn n_entries() -> u32 {
    return params.rows * params.channels * params.inner;
}

fn entry(at: u32) {
    let plane = at / params.inner;
    let channel = plane - plane / params.channels * params.channels;
    var gain = 1.0;
    var shift = 0.0;
    if params.gain != NONE {
        gain = weights[params.gain + channel];
    }
    if params.shift != NONE {
        shift = weights[params.shift + channel];
    }
    y[at] = (x[at] - stats[channel]) * stats[params.channels + channel] * gain + shift;
}
