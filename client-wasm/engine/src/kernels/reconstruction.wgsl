struct Params {
    rows: u32,
    words: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> counts: array<f32>;
@group(0) @binding(2) var<storage, read> logits: array<f32>;
@group(0) @binding(3) var<storage, read> row_scale: array<f32>;
@group(0) @binding(4) var<storage, read_write> marks: array<f32>;
@group(0) @binding(5) var<storage, read_write> d_logits: array<f32>;

const LEAST = 1e-10;

@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let row = id.x + id.y * groups.x * 4u;
    if row >= params.rows {
        return;
    }
    let start = row * params.words;
    let end = start + params.words;
    var most = logits[start];
    for (var at = start; at < end; at++) {
        most = max(most, logits[at]);
    }
    var total = 0.0;
    for (var at = start; at < end; at++) {
        total += exp(logits[at] - most);
    }
    var loss = 0.0;
    var explained = 0.0;
    for (var at = start; at < end; at++) {
        let share = exp(logits[at] - most) / total;
        loss -= counts[at] * log(share + LEAST);
        explained += counts[at] * share / (share + LEAST);
    }
    marks[2u * row] = loss;
    marks[2u * row + 1u] = 0.0;
    for (var at = start; at < end; at++) {
        let share = exp(logits[at] - most) / total;
        d_logits[at] = (share * explained - counts[at] * share / (share + LEAST)) * row_scale[row];
    }
}
