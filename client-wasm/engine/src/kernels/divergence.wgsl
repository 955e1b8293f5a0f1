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
@group(0) @binding(5) var<storage, read_write> marks: array<f32>;
@group(0) @binding(6) var<storage, read_write> d_mean: array<f32>;
@group(0) @binding(7) var<storage, read_write> d_log_variance: array<f32>;

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
