const WIDTH = 64u;

fn n_items() -> u32 { return params.planes * params.places_down * params.places_across; }

// Every place writes all entries up to the next places, including entries in no window.
fn item(to: u32) {
    let places = params.places_down * params.places_across;
    let down = to % places / params.places_across;
    let across = to % params.places_across;
    let top = down * params.stride;
    let left = across * params.stride;
    let bottom = select(top + params.stride, params.height, down + 1u == params.places_down);
    let right = select(left + params.stride, params.width, across + 1u == params.places_across);
    let plane = to / places * params.height * params.width;
    let most = y[to];
    var flow = dy[to];
    for (var i = top; i < bottom; i++) {
        for (var j = left; j < right; j++) {
            let at = plane + i * params.width + j;
            let is_seen = max(i - top, j - left) < params.size;
            let has_won = is_seen && x[at] == most;
            dx[at] = select(0.0, flow, has_won);
            // The first of equal entries gets the whole gradient.
            flow = select(flow, 0.0, has_won);
        }
    }
}
