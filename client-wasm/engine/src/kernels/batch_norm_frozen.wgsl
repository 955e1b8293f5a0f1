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
@group(0) @binding(1) var<storage, read> weights: array<f32>;
@group(0) @binding(2) var<storage, read_write> stats: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let channel = id.x + id.y * groups.x * 64u;
    if channel >= params.channels {
        return;
    }
    stats[channel] = weights[params.mean + channel];
    // Averaging rounds; a variance is not negative.
    let variance = max(weights[params.variance + channel], 0.0);
    stats[params.channels + channel] = 1.0 / sqrt(variance + params.epsilon);
}
