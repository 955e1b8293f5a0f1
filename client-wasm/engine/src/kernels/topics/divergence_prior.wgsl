@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let topic = id.x + id.y * groups.x * 64u;
    if topic >= params.topics {
        return;
    }
    let middle = weights[params.prior_mean + topic];
    let prior = weights[params.prior_log_variance + topic];
    let inverse = exp(-prior);
    var of_mean = 0.0;
    var of_prior = 0.0;
    for (var row = 0u; row < params.rows; row++) {
        let at = row * params.topics + topic;
        let apart = middle - mean[at];
        of_mean += apart * inverse * row_scale[row];
        of_prior += 0.5 * (1.0 - exp(log_variance[at] - prior) - apart * apart * inverse) * row_scale[row];
    }
    gradients[params.prior_mean + topic] = of_mean;
    gradients[params.prior_log_variance + topic] = of_prior;
}
