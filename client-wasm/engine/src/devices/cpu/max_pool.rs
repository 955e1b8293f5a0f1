//! Max pools of 2 × 2 without overlap, the most common kind: whole rows at once, without a branch.

use crate::kernels::pool::max_pool::Params;

/// Whether a window is 2 × 2 without overlap.
pub(super) fn fits(params: &Params) -> bool {
    (params.size, params.stride, params.padding) == (2, 2, 0)
}

/// y = the largest of four.
pub(super) fn forward(params: &Params, x: &[f32], y: &mut [f32]) {
    each_line(params, |upper, lower, line| {
        let pairs = x[upper..].as_chunks::<2>().0.iter().zip(x[lower..].as_chunks::<2>().0);
        for (y, ([a, b], [c, d])) in y[line..][..params.places_across as usize].iter_mut().zip(pairs) {
            *y = larger(larger(*a, *b), larger(*c, *d));
        }
    });
}

/// dx = dy at the first of the four entries that is the largest. The winner is found by counting, because a branch here
/// would be mispredicted half the time.
pub(super) fn backward(params: &Params, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32]) {
    let (width, across) = (params.width as usize, params.places_across as usize);
    dx[..params.x_len()].fill(0.0);
    each_line(params, |upper, lower, line| {
        let to = &mut dx[upper..lower + width];
        let pairs = x[upper..].as_chunks::<2>().0.iter().zip(x[lower..].as_chunks::<2>().0);
        let flows = y[line..][..across].iter().zip(&dy[line..][..across]);
        for (at, (([a, b], [c, _]), (most, flow))) in pairs.zip(flows).enumerate() {
            let beyond_first = usize::from(a != most);
            let beyond_second = beyond_first & usize::from(b != most);
            let beyond_third = beyond_second & usize::from(c != most);
            // The third of the four entries is one line below the first.
            to[2 * at + (beyond_first ^ beyond_second | beyond_third) + beyond_second * width] = *flow;
        }
    });
}

/// Maximum without the NaN handling of `f32::max`, which is a call in wasm.
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// Calls `visit` with the starts of the two lines of x that give a line of y, and with the start of that line.
fn each_line(params: &Params, mut visit: impl FnMut(usize, usize, usize)) {
    let [height, width, down, across] =
        [params.height, params.width, params.places_down, params.places_across].map(|it| it as usize);
    for plane in 0..params.planes as usize {
        for line in 0..down {
            let upper = (plane * height + 2 * line) * width;
            visit(upper, upper + width, (plane * down + line) * across);
        }
    }
}
