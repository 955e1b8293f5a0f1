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

const LEAST = -3.4028234e+38;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let places = params.places_down * params.places_across;
    let at = id.x + id.y * groups.x * 64u;
    if at >= params.planes * places {
        return;
    }
    let start = at / places * params.height * params.width;
    let top = at % places / params.places_across * params.stride;
    let left = at % params.places_across * params.stride;
    var most = LEAST;
    for (var u = 0u; u < params.size; u++) {
        for (var v = 0u; v < params.size; v++) {
            // Past an edge the entry at the edge again, which is under the window, too.
            let i = min(max(top + u, params.padding) - params.padding, params.height - 1u);
            let j = min(max(left + v, params.padding) - params.padding, params.width - 1u);
            most = max(most, x[start + i * params.width + j]);
        }
    }
    y[at] = most;
}
