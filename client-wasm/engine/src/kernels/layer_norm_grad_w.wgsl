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
@group(0) @binding(4) var<storage, read_write> gradients: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let at = id.x + id.y * groups.x * 64u;
    if at >= params.len {
        return;
    }
    var plain = 0.0;
    var along = 0.0;
    for (var row = 0u; row < params.rows; row++) {
        let entry = row * params.len + at;
        plain += dy[entry];
        along += dy[entry] * (x[entry] - stats[2u * row]) * stats[2u * row + 1u];
    }
    gradients[params.gain + at] = along;
    gradients[params.shift + at] = plain;
}
