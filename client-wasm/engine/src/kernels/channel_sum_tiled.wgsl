struct Params {
    rows: u32,
    channels: u32,
    inner: u32,
    offset: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;

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
    var part = 0.0;
    for (var entry = lane; entry < params.rows * params.inner; entry += 64u) {
        let row = entry / params.inner;
        part += x[(row * params.channels + channel) * params.inner + entry % params.inner];
    }
    let sum = total(lane, part);
    if lane == 0u {
        sums[params.offset + channel] = sum;
    }
}
