struct Params {
    rows: u32,
    len: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

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
    let end = start + params.len;
    var part = 0.0;
    for (var at = start + lane; at < end; at += 64u) {
        part += y[at] * dy[at];
    }
    let along = total(lane, part);
    for (var at = start + lane; at < end; at += 64u) {
        dx[at] = y[at] * (dy[at] - along);
    }
}
