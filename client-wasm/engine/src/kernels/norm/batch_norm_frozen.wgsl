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
