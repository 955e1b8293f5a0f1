@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let row = id.x + id.y * groups.x * 64u;
    if row >= params.rows {
        return;
    }
    let start = row * params.len;
    var along = 0.0;
    for (var at = start; at < start + params.len; at++) {
        along += y[at] * dy[at];
    }
    for (var at = start; at < start + params.len; at++) {
        dx[at] = y[at] * (dy[at] - along);
    }
}
