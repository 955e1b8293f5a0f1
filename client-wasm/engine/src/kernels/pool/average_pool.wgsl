const WIDTH = 64u;

fn n_items() -> u32 { return params.planes * params.places_down * params.places_across; }

fn item(at: u32) {
    let places = params.places_down * params.places_across;
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
