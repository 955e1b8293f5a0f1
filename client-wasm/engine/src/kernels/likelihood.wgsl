struct Params {
    rows: u32,
    words: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> counts: array<f32>;
@group(0) @binding(2) var<storage, read> shares: array<f32>;
@group(0) @binding(3) var<storage, read> row_scale: array<f32>;
@group(0) @binding(4) var<storage, read_write> marks: array<f32>;
@group(0) @binding(5) var<storage, read_write> d_shares: array<f32>;

const LEAST = 1e-10;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let row = id.x + id.y * groups.x * 64u;
    if row >= params.rows {
        return;
    }
    var loss = 0.0;
    for (var at = row * params.words; at < (row + 1u) * params.words; at++) {
        let share = shares[at] + LEAST;
        loss -= counts[at] * log(share);
        d_shares[at] = -counts[at] / share * row_scale[row];
    }
    marks[2u * row] = loss;
    marks[2u * row + 1u] = 0.0;
}
