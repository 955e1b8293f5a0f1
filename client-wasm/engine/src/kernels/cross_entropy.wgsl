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
    var most = logits[first];
    var best = 0u;
    for (var entry = 1u; entry < params.classes; entry++) {
        if logits[first + entry] > most {
            most = logits[first + entry];
            best = entry;
        }
    }
    var total = 0.0;
    for (var entry = 0u; entry < params.classes; entry++) {
        total += exp(logits[first + entry] - most);
    }
    marks[2u * row] = log(total) - (logits[first + label] - most);
    marks[2u * row + 1u] = select(0.0, 1.0, best == label);
    for (var entry = 0u; entry < params.classes; entry++) {
        let right = select(0.0, 1.0, entry == label);
        d_logits[first + entry] = (exp(logits[first + entry] - most) / total - right) * row_scale[row];
    }
}
