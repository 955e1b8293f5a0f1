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
@group(0) @binding(2) var<storage, read> row_scale: array<f32>;
@group(0) @binding(3) var<storage, read_write> weights: array<f32>;
@group(0) @binding(4) var<storage, read_write> stats: array<f32>;

@compute @workgroup_size(8)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let channel = id.x + id.y * groups.x * 8u;
    if channel >= params.channels {
        return;
    }
    var middle = 0.0;
    var entries = 0.0;
    for (var row = 0u; row < params.rows; row += 4u) {
        let scales = scales_of(row) / f32(params.inner);
        let starts = starts_of(row, channel);
        for (var it = 0u; it < params.inner; it++) {
            middle += dot(scales, four_of_x(starts + it));
        }
        entries += dot(select(vec4f(), vec4f(f32(params.inner)), scales > vec4f()), vec4f(1.0));
    }
    var spread = 0.0;
    for (var row = 0u; row < params.rows; row += 4u) {
        let scales = scales_of(row) / f32(params.inner);
        let starts = starts_of(row, channel);
        for (var it = 0u; it < params.inner; it++) {
            let apart = four_of_x(starts + it) - middle;
            spread += dot(scales, apart * apart);
        }
    }
    stats[channel] = middle;
    stats[params.channels + channel] = 1.0 / sqrt(spread + params.epsilon);
    if entries > 0.0 {
        let unbiased = spread * entries / max(entries - 1.0, 1.0);
        weights[params.mean + channel] += params.momentum * (middle - weights[params.mean + channel]);
        weights[params.variance + channel] += params.momentum * (unbiased - weights[params.variance + channel]);
    }
}

// What four rows count; nothing past the last one.
fn scales_of(row: u32) -> vec4f {
    let at = rows_from(row, params.rows);
    let scales = vec4f(row_scale[at.x], row_scale[at.y], row_scale[at.z], row_scale[at.w]);
    return select(vec4f(), scales, is_row(row, params.rows));
}

// Where a channel of four rows begins.
fn starts_of(row: u32, channel: u32) -> vec4u {
    return (rows_from(row, params.rows) * params.channels + channel) * params.inner;
}

fn four_of_x(at: vec4u) -> vec4f {
    return vec4f(x[at.x], x[at.y], x[at.z], x[at.w]);
}
