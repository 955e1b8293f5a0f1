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
@group(0) @binding(4) var<storage, read_write> sums: array<f32>;
@group(0) @binding(5) var<storage, read_write> gradients: array<f32>;

const NONE = 0xffffffffu;

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
    let mean = stats[channel];
    let inverse = stats[params.channels + channel];
    var part = vec2f();
    for (var entry = lane; entry < params.rows * params.inner; entry += 64u) {
        let row = entry / params.inner;
        let at = (row * params.channels + channel) * params.inner + entry % params.inner;
        part += dy[at] * vec2f(1.0, (x[at] - mean) * inverse);
    }
    let plain = total(lane, part.x);
    let along = total(lane, part.y);
    if lane != 0u {
        return;
    }
    sums[channel] = plain;
    sums[params.channels + channel] = along;
    if params.shift != NONE {
        gradients[params.shift + channel] = plain;
    }
    if params.gain != NONE {
        gradients[params.gain + channel] = along;
    }
}
