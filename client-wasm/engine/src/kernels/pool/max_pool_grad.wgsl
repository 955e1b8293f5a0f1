const WIDTH = 64u;

fn n_items() -> u32 { return params.planes * params.height * params.width; }

// Every entry checks all windows that contain it for whether it is the maximum: no two invocations write to the same
// entry.
fn item(at: u32) {
    let plane = params.height * params.width;
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

// The gradient of a place, if this entry, which is its tap (u, v), is the first of its largest entries, else 0.
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
            // Beyond the upper and left edges these have wrapped to large numbers, which are past the opposite edges.
            if i < params.height && j < params.width && x[start + i * params.width + j] == most {
                return 0.0;
            }
        }
    }
    return dy[to];
}
