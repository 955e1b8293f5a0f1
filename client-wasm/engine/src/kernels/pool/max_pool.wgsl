const LEAST = -3.4028234e+38;

const WIDTH = 64u;

fn n_items() -> u32 { return params.planes * params.places_down * params.places_across; }

fn item(at: u32) {
    let places = params.places_down * params.places_across;
    let start = at / places * params.height * params.width;
    let top = at % places / params.places_across * params.stride;
    let left = at % params.places_across * params.stride;
    var most = LEAST;
    for (var u = 0u; u < params.size; u++) {
        for (var v = 0u; v < params.size; v++) {
            // Past an edge, the entry at the edge is read again, which is in the window too.
            let i = min(max(top + u, params.padding) - params.padding, params.height - 1u);
            let j = min(max(left + v, params.padding) - params.padding, params.width - 1u);
            most = max(most, x[start + i * params.width + j]);
        }
    }
    y[at] = most;
}
