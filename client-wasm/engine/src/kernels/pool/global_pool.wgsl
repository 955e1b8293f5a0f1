@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let plane = id.x + id.y * groups.x * 64u;
    if plane >= params.planes {
        return;
    }
    var sum = 0.0;
    for (var i = 0u; i < params.inner; i++) {
        sum += x[plane * params.inner + i];
    }
    y[plane] = sum / f32(params.inner);
}
