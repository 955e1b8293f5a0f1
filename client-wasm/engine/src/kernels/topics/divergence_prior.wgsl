const WIDTH = 64u;

fn n_items() -> u32 { return params.topics; }

fn item(topic: u32) {
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
