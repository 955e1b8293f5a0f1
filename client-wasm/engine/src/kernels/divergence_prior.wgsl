struct Params {
    rows: u32,
    topics: u32,
    prior_mean: u32,
    prior_log_variance: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> mean: array<f32>;
@group(0) @binding(2) var<storage, read> log_variance: array<f32>;
@group(0) @binding(3) var<storage, read> weights: array<f32>;
@group(0) @binding(4) var<storage, read> row_scale: array<f32>;
@group(0) @binding(5) var<storage, read_write> gradients: array<f32>;

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
