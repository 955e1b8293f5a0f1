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
@group(0) @binding(2) var<storage, read> row_scale: array<f32>;
@group(0) @binding(3) var<storage, read_write> weights: array<f32>;
@group(0) @binding(4) var<storage, read_write> stats: array<f32>;

@compute @workgroup_size(8)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let channel = id.x + id.y * groups.x * 8u;
    if channel >= params.channels {
        return;
    }
    let share = 1.0 / f32(params.inner);
    var middle = 0.0;
    var entries = 0.0;
    for (var row = 0u; row < params.rows; row++) {
        let start = (row * params.channels + channel) * params.inner;
        for (var it = 0u; it < params.inner; it++) {
            middle += row_scale[row] * share * x[start + it];
        }
        entries += select(0.0, f32(params.inner), row_scale[row] > 0.0);
    }
    var spread = 0.0;
    for (var row = 0u; row < params.rows; row++) {
        let start = (row * params.channels + channel) * params.inner;
        for (var it = 0u; it < params.inner; it++) {
            let apart = x[start + it] - middle;
            spread += row_scale[row] * share * apart * apart;
        }
    }
    stats[channel] = middle;
    stats[params.channels + channel] = 1.0 / sqrt(spread + params.epsilon);
    if entries > 0.0 {
        let unbiased = spread * entries / max(entries - 1.0, 1.0);
        weights[params.mean + channel] += params.momentum * (middle - weights[params.mean + channel]);
        weights[params.variance + channel] += params.momentum * (unbiased - weights[params.variance + channel]);
    }
}
