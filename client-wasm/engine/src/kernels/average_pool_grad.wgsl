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
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let plane = params.height * params.width;
    let at = id.x + id.y * groups.x * 64u;
    if at >= params.planes * plane {
        return;
    }
    let first = at / plane * params.places_down * params.places_across;
    let i = at % plane / params.width;
    let j = at % params.width;
    var sum = 0.0;
    for (var u = 0u; u < min(params.size, i + 1u); u++) {
        let top = i - u;
        let down = top / params.stride;
        if top % params.stride != 0u || down >= params.places_down {
            continue;
        }
        for (var v = 0u; v < min(params.size, j + 1u); v++) {
            let left = j - v;
            let across = left / params.stride;
            if left % params.stride == 0u && across < params.places_across {
                sum += dy[first + down * params.places_across + across];
            }
        }
    }
    dx[at] = sum / f32(params.size * params.size);
}
