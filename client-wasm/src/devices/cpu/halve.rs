//! Max pools of 2 × 2 without overlap, which is what most networks have: whole rows at once, without a branch.

use crate::kernels::max_pool::Params;

/// Whether a window is of this kind.
pub(super) fn fits(params: &Params) -> bool {
    (params.size, params.stride, params.padding) == (2, 2, 0)
}

/// y = the largest of four.
pub(super) fn forward(params: &Params, x: &[f32], y: &mut [f32]) {
    each_line(params, |upper, lower, line| {
        let pairs = x[upper..].as_chunks::<2>().0.iter().zip(x[lower..].as_chunks::<2>().0);
        for (y, ([a, b], [c, d])) in y[line..][..params.places_across as usize].iter_mut().zip(pairs) {
            *y = a.max(*b).max(c.max(*d));
        }
    });
}

/// dx = dy at the first of four that is the largest.
pub(super) fn backward(params: &Params, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32]) {
    let across = params.places_across as usize;
    dx[..params.x_len()].fill(0.0);
    each_line(params, |upper, lower, line| {
        let (before, after) = dx.split_at_mut(lower);
        let to = before[upper..].as_chunks_mut::<2>().0.iter_mut().zip(after.as_chunks_mut::<2>().0);
        let from = x[upper..].as_chunks::<2>().0.iter().zip(x[lower..].as_chunks::<2>().0);
        let flows = y[line..][..across].iter().zip(&dy[line..][..across]);
        for ((([a, b], [c, d]), (to_upper, to_lower)), (most, flow)) in from.zip(to).zip(flows) {
            let first = a == most;
            let second = !first & (b == most);
            let third = !first & !second & (c == most);
            let fourth = !first & !second & !third & (d == most);
            *to_upper = [if first { *flow } else { 0.0 }, if second { *flow } else { 0.0 }];
            *to_lower = [if third { *flow } else { 0.0 }, if fourth { *flow } else { 0.0 }];
        }
    });
}

/// Calls `visit` with where the two lines of x begin that give a line of y, and where that one begins.
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
