struct Params {
    rows: u32,
    len: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let row = group.x + group.y * groups.x;
    if row >= params.rows {
        return;
    }
    let start = row * params.len;
    var most = x[start];
    for (var at = lane; at < params.len; at += 64u) {
        most = max(most, x[start + at]);
    }
    most = largest(lane, most);
    var part = 0.0;
    for (var at = lane; at < params.len; at += 64u) {
        part += exp(x[start + at] - most);
    }
    let all = total(lane, part);
    for (var at = lane; at < params.len; at += 64u) {
        y[start + at] = exp(x[start + at] - most) / all;
    }
}
