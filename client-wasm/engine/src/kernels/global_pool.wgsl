struct Params {
    planes: u32,
    inner: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let plane = id.x + id.y * groups.x * 64u;
    if plane >= params.planes {
        return;
    }
    var sum = 0.0;
    for (var i = 0u; i < params.inner; i++) {
        sum += x[plane * params.inner + i];
    }
    y[plane] = sum / f32(params.inner);
}
