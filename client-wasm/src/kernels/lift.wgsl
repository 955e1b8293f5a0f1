struct Params {
    rows: u32,
    columns: u32,
    offset: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weights: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> row_scale: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let at = id.x + id.y * groups.x * 256u;
    if at >= params.rows * params.columns {
        return;
    }
    y[at] = weights[params.offset + at];
    if at % params.columns == 0u {
        row_scale[at / params.columns] = 1.0 / f32(params.rows);
    }
}
