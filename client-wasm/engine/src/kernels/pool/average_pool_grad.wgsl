const WIDTH = 64u;

fn n_items() -> u32 { return params.planes * params.height * params.width; }

fn item(at: u32) {
    let plane = params.height * params.width;
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
