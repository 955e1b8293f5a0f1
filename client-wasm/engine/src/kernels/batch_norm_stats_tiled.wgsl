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

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let channel = group.x + group.y * groups.x;
    if channel >= params.channels {
        return;
    }
    let share = 1.0 / f32(params.inner);
    let len = params.rows * params.inner;
    var part = 0.0;
    var counted = 0.0;
    for (var entry = lane; entry < len; entry += 64u) {
        let row = entry / params.inner;
        let scale = row_scale[row];
        part += scale * share * x[(row * params.channels + channel) * params.inner + entry % params.inner];
        counted += select(0.0, 1.0, scale > 0.0);
    }
    let middle = total(lane, part);
    let entries = total(lane, counted);
    part = 0.0;
    for (var entry = lane; entry < len; entry += 64u) {
        let row = entry / params.inner;
        let apart = x[(row * params.channels + channel) * params.inner + entry % params.inner] - middle;
        part += row_scale[row] * share * apart * apart;
    }
    let spread = total(lane, part);
    if lane != 0u {
        return;
    }
    stats[channel] = middle;
    stats[params.channels + channel] = 1.0 / sqrt(spread + params.epsilon);
    if entries > 0.0 {
        let unbiased = spread * entries / max(entries - 1.0, 1.0);
        weights[params.mean + channel] += params.momentum * (middle - weights[params.mean + channel]);
        weights[params.variance + channel] += params.momentum * (unbiased - weights[params.variance + channel]);
    }
}
