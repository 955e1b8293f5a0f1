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
    let image = at / plane;
    let line = (at - image * plane) / params.width;
    let i = line + params.padding;
    let j = at - image * plane - line * params.width + params.padding;
    var sum = 0.0;
    for (var u = 0u; u < params.size; u++) {
        let top = i - u;
        let down = top / params.stride;
        if top > i || top != down * params.stride || down >= params.places_down {
            continue;
        }
        for (var v = 0u; v < params.size; v++) {
            let left = j - v;
            let across = left / params.stride;
            if left <= j && left == across * params.stride && across < params.places_across {
                sum += won(at, image, vec2u(down, across), u, v);
            }
        }
    }
    dx[at] = sum;
}

// The gradient of a place, if this entry, which is its tap (u, v), is the first of its largest.
fn won(at: u32, image: u32, place: vec2u, u: u32, v: u32) -> f32 {
    let to = (image * params.places_down + place.x) * params.places_across + place.y;
    let most = y[to];
    if x[at] != most {
        return 0.0;
    }
    let start = image * params.height * params.width;
    let top = place.x * params.stride - params.padding;
    let left = place.y * params.stride - params.padding;
    for (var above = 0u; above <= u; above++) {
        let i = top + above;
        for (var before = 0u; before < select(params.size, v, above == u); before++) {
            let j = left + before;
            // Beyond the upper and left edges these have wrapped to large numbers, past the others.
            if i < params.height && j < params.width && x[start + i * params.width + j] == most {
                return 0.0;
            }
        }
    }
    return dy[to];
}
