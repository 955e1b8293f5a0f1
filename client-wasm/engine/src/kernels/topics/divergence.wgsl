@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let row = id.x + id.y * groups.x * 64u;
    if row >= params.rows {
        return;
    }
    var divergence = 0.0;
    for (var topic = 0u; topic < params.topics; topic++) {
        let at = row * params.topics + topic;
        let apart = mean[at] - weights[params.prior_mean + topic];
        let prior = weights[params.prior_log_variance + topic];
        let ratio = exp(log_variance[at] - prior);
        let inverse = exp(-prior);
        divergence += ratio + apart * apart * inverse - 1.0 + prior - log_variance[at];
        d_mean[at] = apart * inverse * row_scale[row];
        d_log_variance[at] = 0.5 * (ratio - 1.0) * row_scale[row];
    }
    marks[2u * row] += 0.5 * divergence;
}
