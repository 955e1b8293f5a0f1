struct Params {
    planes: u32,
    height: u32,
    width: u32,
    places_down: u32,
    places_across: u32,
    size: u32,
    stride: u32,
    padding: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let places = params.places_down * params.places_across;
    let at = id.x + id.y * groups.x * 64u;
    if at >= params.planes * places {
        return;
    }
    let top = at % places / params.places_across * params.stride;
    let left = at % params.places_across * params.stride;
    let start = (at / places * params.height + top) * params.width + left;
    var sum = 0.0;
    for (var u = 0u; u < params.size; u++) {
        for (var v = 0u; v < params.size; v++) {
            sum += x[start + u * params.width + v];
        }
    }
    y[at] = sum / f32(params.size * params.size);
}
