//! Gradients of few kernels over wide images, as sums over patches that are read in place.
//!
//! A panel of patches takes nearly as long to pack as to multiply with few filters. With the factors swapped, so that
//! every tap is a line of the left factor, nothing is packed: the entries that a tap reads along a row of an image are
//! contiguous.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::dispatched;
use super::gemm::{Base, PANEL, Panels, put};
use super::im2col::Patches;

/// Buffers that are reused between steps, so that no step allocates memory.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    panel: Vec<f32>,
    runs: Vec<(Range<usize>, usize)>,
}

/// Adds patches · dyᵀ to sums [tap, filter]; dy has filters as lines and places as its depth.
pub(super) fn add(
    patches: &Patches,
    places: usize,
    dy: &impl Panels,
    filters: usize,
    sums: &mut [f32],
    scratch: &mut Scratch,
) {
    dispatched(Gradient { patches, places, dy, filters, sums, scratch });
}

struct Gradient<'p, D> {
    patches: &'p Patches,
    places: usize,
    dy: &'p D,
    filters: usize,
    sums: &'p mut [f32],
    scratch: &'p mut Scratch,
}

impl<D: Panels> WithSimd for Gradient<'_, D> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            16 => self.tiled::<S, 8>(simd),
            _ => self.tiled::<S, 4>(simd),
        }
    }
}

impl<D: Panels> Gradient<'_, D> {
    #[inline(always)]
    fn tiled<S: Simd, const ROWS: usize>(self, simd: S) {
        let Self { patches, places, dy, filters, sums, scratch: Scratch { panel, runs } } = self;
        // Two or three vectors at a time, evenly: a tile of a single vector would wait for its operands.
        let vectors = filters.div_ceil(S::F32_LANES);
        let most = vectors.div_ceil(vectors.div_ceil(3)) * S::F32_LANES;
        let parts = places.div_ceil(PANEL / most).max(1);
        let part = places.div_ceil(parts).max(1);
        panel.resize(panel.len().max(most * part), 0.0);
        for begin in (0..places).step_by(part) {
            let depth = begin..(begin + part).min(places);
            runs.clear();
            runs.extend(patches.runs(depth.clone()).map(|(own, entry)| (own.start - begin..own.end - begin, entry)));
            for column in (0..filters).step_by(most) {
                let columns = column..(column + most).min(filters);
                let vectors = columns.len().div_ceil(S::F32_LANES);
                let width = vectors * S::F32_LANES;
                let panel = &mut panel[..width * depth.len()];
                dy.pack(columns.clone(), depth.clone(), width, panel);
                let strip = Strip { patches, runs, panel, filters, columns };
                match vectors {
                    1 => strip.added::<S, ROWS, 1>(simd, sums),
                    2 => strip.added::<S, ROWS, 2>(simd, sums),
                    _ => strip.added::<S, ROWS, 3>(simd, sums),
                }
            }
        }
    }
}

/// All taps for a few filters.
struct Strip<'a> {
    patches: &'a Patches,
    runs: &'a [(Range<usize>, usize)],
    panel: &'a [f32],
    filters: usize,
    columns: Range<usize>,
}

impl Strip<'_> {
    #[inline(always)]
    fn added<S: Simd, const ROWS: usize, const VECTORS: usize>(self, simd: S, sums: &mut [f32]) {
        let Self { patches, runs, panel, filters, columns } = self;
        let right = S::as_simd_f32s(panel).0.as_chunks::<VECTORS>().0;
        for (taps, to) in patches.taps().chunks(ROWS).zip(sums.chunks_mut(ROWS * filters)) {
            // Where there are too few taps, the last one is repeated and its sums are ignored.
            let own: [usize; ROWS] = std::array::from_fn(|it| taps[it.min(taps.len() - 1)]);
            let tile = summed::<S, ROWS, VECTORS>(simd, patches.padded(), &own, runs, right);
            for (to, sums) in to.chunks_mut(filters).zip(&tile) {
                put(simd, &mut to[columns.clone()], sums, Base::Present);
            }
        }
    }
}

/// The sums of one tile, all in registers, as long as no reference to them exists.
#[inline(always)]
fn summed<S: Simd, const ROWS: usize, const VECTORS: usize>(
    simd: S,
    padded: &[f32],
    taps: &[usize; ROWS],
    runs: &[(Range<usize>, usize)],
    right: &[[S::f32s; VECTORS]],
) -> [[S::f32s; VECTORS]; ROWS] {
    let mut tile = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
    for (run, entry) in runs {
        let right = &right[run.clone()];
        let lines = taps.map(|tap| &padded[tap + entry..][..right.len()]);
        // Always equal; the test lets the compiler drop bounds checks in the loop.
        if lines.iter().any(|it| it.len() != right.len()) {
            continue;
        }
        for (step, right) in right.iter().enumerate() {
            let left = lines.map(|line| &line[step]);
            for (sums, left) in tile.iter_mut().zip(left) {
                let left = simd.splat_f32s(*left);
                for (sum, right) in sums.iter_mut().zip(right) {
                    *sum = simd.mul_add_e_f32s(left, *right, *sum);
                }
            }
        }
    }
    tile
}
