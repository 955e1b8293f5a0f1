const WIDTH = 64u;

fn n_items() -> u32 { return params.rows; }

fn item(row: u32) {
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
