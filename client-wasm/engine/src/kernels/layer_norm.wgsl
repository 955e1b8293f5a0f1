struct Params {
    rows: u32,
    len: u32,
    gain: u32,
    shift: u32,
    epsilon: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
@group(0) @binding(3) var<storage, read_write> stats: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let row = id.x + id.y * groups.x * 64u;
    if row >= params.rows {
        return;
    }
    let start = row * params.len;
    var mean = 0.0;
    for (var at = 0u; at < params.len; at++) {
        mean += x[start + at];
    }
    mean /= f32(params.len);
    var variance = 0.0;
    for (var at = 0u; at < params.len; at++) {
        let apart = x[start + at] - mean;
        variance += apart * apart;
    }
    let inverse = 1.0 / sqrt(variance / f32(params.len) + params.epsilon);
    stats[2u * row] = mean;
    stats[2u * row + 1u] = inverse;
    for (var at = 0u; at < params.len; at++) {
        y[start + at] = (x[start + at] - mean) * inverse * weights[params.gain + at] + weights[params.shift + at];
    }
}
