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
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

// Every entry asks the places that see it whether it won there: no two invocations write to the same entry.
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
    for (var u = 0u; u < params.size; u++) {
        let top = i + params.padding - u;
        let down = top / params.stride;
        if top > i + params.padding || top % params.stride != 0u || down >= params.places_down {
            continue;
        }
        for (var v = 0u; v < params.size; v++) {
            let left = j + params.padding - v;
            let across = left / params.stride;
            if left > j + params.padding || left % params.stride != 0u || across >= params.places_across {
                continue;
            }
            let place = first + down * params.places_across + across;
            if x[at] == y[place] && !is_beaten(at / plane * plane, top, left, u, v, y[place]) {
                sum += dy[place];
            }
        }
    }
    dx[at] = sum;
}

// Whether an entry before (u, v) in the window at (top, left), both counted with the padding, is as large.
fn is_beaten(start: u32, top: u32, left: u32, u: u32, v: u32, most: f32) -> bool {
    for (var before = 0u; before < u * params.size + v; before++) {
        let i = top + before / params.size - params.padding;
        let j = left + before % params.size - params.padding;
        if i < params.height && j < params.width && x[start + i * params.width + j] == most {
            return true;
        }
    }
    return false;
}
