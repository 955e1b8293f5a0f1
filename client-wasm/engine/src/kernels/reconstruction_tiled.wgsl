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

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3u,
    @builtin(num_workgroups) groups: vec3u,
    @builtin(local_invocation_index) lane: u32,
) {
    let row = group.x + group.y * groups.x;
    if row >= params.rows {
        return;
    }
    let start = row * params.words;
    let end = start + params.words;
    var most = logits[start];
    for (var at = start + lane; at < end; at += 64u) {
        most = max(most, logits[at]);
    }
    most = largest(lane, most);
    var part = 0.0;
    for (var at = start + lane; at < end; at += 64u) {
        part += exp(logits[at] - most);
    }
    let all = total(lane, part);
    var loss = 0.0;
    var explained = 0.0;
    for (var at = start + lane; at < end; at += 64u) {
        let share = exp(logits[at] - most) / all;
        loss -= counts[at] * log(share + LEAST);
        explained += counts[at] * share / (share + LEAST);
    }
    loss = total(lane, loss);
    explained = total(lane, explained);
    for (var at = start + lane; at < end; at += 64u) {
        let share = exp(logits[at] - most) / all;
        d_logits[at] = (share * explained - counts[at] * share / (share + LEAST)) * row_scale[row];
    }
    if lane == 0u {
        marks[2u * row] = loss;
        marks[2u * row + 1u] = 0.0;
    }
}
