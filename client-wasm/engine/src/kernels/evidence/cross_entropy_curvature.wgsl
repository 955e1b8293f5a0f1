struct Params {
    rows: u32,
    classes: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> row_scale: array<f32>;
@group(0) @binding(3) var<storage, read_write> h_logits: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let row = id.x + id.y * groups.x * 64u;
    if row >= params.rows {
        return;
    }
    let first = row * params.classes;
    var most = logits[first];
    var best = 0u;
    for (var entry = 1u; entry < params.classes; entry++) {
        if logits[first + entry] > most {
            most = logits[first + entry];
            best = entry;
        }
    }
    var others = 0.0;
    for (var entry = 0u; entry < params.classes; entry++) {
        others += select(exp(logits[first + entry] - most), 0.0, entry == best);
    }
    let total = 1.0 + others;
    for (var entry = 0u; entry < params.classes; entry++) {
        let share = exp(logits[first + entry] - most) / total;
        let rest = select(1.0 - share, others / total, entry == best);
        h_logits[first + entry] = share * rest * row_scale[row];
    }
}
