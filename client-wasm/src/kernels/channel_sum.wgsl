struct Params {
    rows: u32,
    channels: u32,
    inner: u32,
    offset: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;

@compute @workgroup_size(8)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let channel = id.x + id.y * groups.x * 8u;
    if channel >= params.channels {
        return;
    }
    var sum = 0.0;
    for (var row = 0u; row < params.rows; row++) {
        let start = (row * params.channels + channel) * params.inner;
        for (var entry = 0u; entry < params.inner; entry++) {
            sum += x[start + entry];
        }
    }
    sums[params.offset + channel] = sum;
}
