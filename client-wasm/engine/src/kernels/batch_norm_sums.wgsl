struct Params {
    rows: u32,
    channels: u32,
    inner: u32,
    gain: u32,
    shift: u32,
    mean: u32,
    variance: u32,
    momentum: f32,
    epsilon: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> stats: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> sums: array<f32>;
@group(0) @binding(5) var<storage, read_write> gradients: array<f32>;

const NONE = 0xffffffffu;

@compute @workgroup_size(8)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let channel = id.x + id.y * groups.x * 8u;
    if channel >= params.channels {
        return;
    }
    let mean = stats[channel];
    let inverse = stats[params.channels + channel];
    var plain = 0.0;
    var along = 0.0;
    for (var row = 0u; row < params.rows; row += 4u) {
        let starts = (rows_from(row, params.rows) * params.channels + channel) * params.inner;
        for (var it = 0u; it < params.inner; it++) {
            let at = starts + it;
            let flow = vec4f(dy[at.x], dy[at.y], dy[at.z], dy[at.w]);
            let counted = select(vec4f(), flow, is_row(row, params.rows));
            plain += dot(counted, vec4f(1.0));
            along += dot(counted, vec4f(x[at.x], x[at.y], x[at.z], x[at.w]) - mean) * inverse;
        }
    }
    sums[channel] = plain;
    sums[params.channels + channel] = along;
    if params.shift != NONE {
        gradients[params.shift + channel] = plain;
    }
    if params.gain != NONE {
        gradients[params.gain + channel] = along;
    }
}
