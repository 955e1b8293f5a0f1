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
