struct Params {
    rows: u32,
    len: u32,
    gain: u32,
    shift: u32,
    epsilon: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> stats: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read> weights: array<f32>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let row = id.x + id.y * groups.x * 64u;
    if row >= params.rows {
        return;
    }
    let start = row * params.len;
    let mean = stats[2u * row];
    let inverse = stats[2u * row + 1u];
    var plain = 0.0;
    var along = 0.0;
    for (var at = 0u; at < params.len; at++) {
        let flow = dy[start + at] * weights[params.gain + at];
        plain += flow;
        along += flow * (x[start + at] - mean) * inverse;
    }
    plain /= f32(params.len);
    along /= f32(params.len);
    for (var at = 0u; at < params.len; at++) {
        let flow = dy[start + at] * weights[params.gain + at];
        dx[start + at] = inverse * (flow - plain - (x[start + at] - mean) * inverse * along);
    }
}
