struct Params {
    rows: u32,
    len: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let row = id.x + id.y * groups.x * 64u;
    if row >= params.rows {
        return;
    }
    let start = row * params.len;
    var most = x[start];
    for (var at = 1u; at < params.len; at++) {
        most = max(most, x[start + at]);
    }
    var total = 0.0;
    for (var at = 0u; at < params.len; at++) {
        let share = exp(x[start + at] - most);
        y[start + at] = share;
        total += share;
    }
    for (var at = 0u; at < params.len; at++) {
        y[start + at] /= total;
    }
}
