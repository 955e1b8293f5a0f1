struct Params {
    rows: u32,
    classes: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read> row_scale: array<f32>;
@group(0) @binding(4) var<storage, read_write> marks: array<f32>;
@group(0) @binding(5) var<storage, read_write> d_logits: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let row = id.x + id.y * groups.x * 64u;
    if row >= params.rows {
        return;
    }
    let first = row * params.classes;
    let label = labels[row];
    var loss = 0.0;
    var best = 0u;
    for (var entry = 0u; entry < params.classes; entry++) {
        let logit = logits[first + entry];
        let is_true = select(0.0, 1.0, entry == label);
        loss += max(logit, 0.0) - logit * is_true + log(1.0 + exp(-abs(logit)));
        d_logits[first + entry] = (1.0 / (1.0 + exp(-logit)) - is_true) * row_scale[row] / f32(params.classes);
        if logit > logits[first + best] {
            best = entry;
        }
    }
    marks[2u * row] = loss / f32(params.classes);
    marks[2u * row + 1u] = select(0.0, 1.0, best == label);
}
