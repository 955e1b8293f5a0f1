struct Params {
    rows: u32,
    channels: u32,
    inner: u32,
    offset: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> sums: array<f32>;

@compute @workgroup_size(8)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let channel = id.x + id.y * groups.x * 8u;
    if channel >= params.channels {
        return;
    }
    var sum = 0.0;
    for (var row = 0u; row < params.rows; row += 4u) {
        let starts = (rows_from(row, params.rows) * params.channels + channel) * params.inner;
        for (var it = 0u; it < params.inner; it++) {
            let at = starts + it;
            let entries = vec4f(x[at.x], x[at.y], x[at.z], x[at.w]);
            sum += dot(select(vec4f(), entries, is_row(row, params.rows)), vec4f(1.0));
        }
    }
    sums[params.offset + channel] = sum;
}
