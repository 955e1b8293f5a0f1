//! Max pools of 2 × 2 without overlap, which is what most networks have: whole rows at once, without a branch.

use crate::kernels::max_pool::Params;

/// Places that are worked on at once, and the entries that they see in a line.
const LANES: usize = 4;
const PAIRS: usize = 2 * LANES;

/// Whether a window is of this kind.
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

/// dx = dy at the first of four that is the largest.
pub(super) fn backward(params: &Params, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32]) {
    let across = params.places_across as usize;
    if params.height % 2 + params.width % 2 > 0 {
        // The last line or column is under no window.
        dx[..params.x_len()].fill(0.0);
    }
    each_line(params, |upper, lower, line| {
        let (before, after) = dx.split_at_mut(lower);
        let (to_upper, to_lower) = (&mut before[upper..][..2 * across], &mut after[..2 * across]);
        let (upper, lower) = (&x[upper..][..2 * across], &x[lower..][..2 * across]);
        let (most, flow) = (&y[line..][..across], &dy[line..][..across]);
        let whole = across / LANES * LANES;
        let (ends, places) = (2 * whole.., whole..);
        let quads = most.as_chunks::<LANES>().0.iter().zip(flow.as_chunks::<LANES>().0);
        let from = upper.as_chunks::<PAIRS>().0.iter().zip(lower.as_chunks::<PAIRS>().0);
        let to = to_upper.as_chunks_mut::<PAIRS>().0.iter_mut().zip(to_lower.as_chunks_mut::<PAIRS>().0);
        for (((upper, lower), (most, flow)), (to_upper, to_lower)) in from.zip(quads).zip(to) {
            give(upper, lower, most, flow, to_upper, to_lower);
        }
        give(
            &upper[ends.clone()],
            &lower[ends.clone()],
            &most[places.clone()],
            &flow[places],
            &mut to_upper[ends.clone()],
            &mut to_lower[ends],
        );
    });
}

/// Gives every flow to the first of four that is the largest. Masks of bits, not branches: which it is is anybody's guess.
#[inline(always)]
fn give(upper: &[f32], lower: &[f32], most: &[f32], flow: &[f32], to_upper: &mut [f32], to_lower: &mut [f32]) {
    for (at, (most, flow)) in most.iter().zip(flow).enumerate() {
        let is = |it: f32| u32::from(it == *most).wrapping_neg();
        let through = |mask: u32| f32::from_bits(flow.to_bits() & mask);
        let (first, second) = (is(upper[2 * at]), is(upper[2 * at + 1]));
        let (third, fourth) = (is(lower[2 * at]), is(lower[2 * at + 1]));
        to_upper[2 * at] = through(first);
        to_upper[2 * at + 1] = through(second & !first);
        to_lower[2 * at] = through(third & !(first | second));
        to_lower[2 * at + 1] = through(fourth & !(first | second | third));
    }
}

/// Without the care for NaN that `f32::max` takes, which is a call in wasm.
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
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
