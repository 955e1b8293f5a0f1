const ABSOLUTE = 1u;
const SQUARE = 2u;

fn n_entries() -> u32 { return params.len; }

fn entry(at: u32) {
    let gradient = gradients[at];
    let size = select(gradient, abs(gradient), params.fold == ABSOLUTE);
    evidence[at] += select(size, gradient * gradient, params.fold == SQUARE);
}
