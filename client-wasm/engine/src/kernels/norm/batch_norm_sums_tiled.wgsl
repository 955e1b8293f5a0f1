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
