//! Gradients of few kernels over wide images, as sums over patches that are read where they lie.
//!
//! A panel of patches takes nearly as long to pack as to multiply with few filters. Turned round, with a line of the left
//! factor for every tap, nothing of it needs packing: what a tap sees along a row of an image lies there in a row.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::dispatched;
use super::patches::Patches;
use super::product::{Base, Lines, PANEL, put};

/// Buffers that are kept, so that no step pays for fresh memory.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    panel: Vec<f32>,
    runs: Vec<(Range<usize>, usize)>,
}

/// Adds patches · dyᵀ to sums [tap, filter], with dy as lines for filters and places as its depth.
pub(super) fn add(
    patches: &Patches,
    places: usize,
    dy: &impl Lines,
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

impl<D: Lines> WithSimd for Gradient<'_, D> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            16 => self.tiled::<S, 8>(simd),
            _ => self.tiled::<S, 4>(simd),
        }
    }
}

impl<D: Lines> Gradient<'_, D> {
    #[inline(always)]
    fn tiled<S: Simd, const ROWS: usize>(self, simd: S) {
        let Self { patches, places, dy, filters, sums, scratch: Scratch { panel, runs } } = self;
        // Two or three vectors at a time, evenly: a tile of one would wait for what it multiplies.
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

/// All taps of a few filters.
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
            // Where there are too few, some are summed up for nothing.
            let own: [usize; ROWS] = std::array::from_fn(|it| taps[it.min(taps.len() - 1)]);
            let tile = summed::<S, ROWS, VECTORS>(simd, patches.padded(), &own, runs, right);
            for (to, sums) in to.chunks_mut(filters).zip(&tile) {
                put(simd, &mut to[columns.clone()], sums, Base::Present);
            }
        }
    }
}

/// The sums of one tile, all in registers, as long as nobody else holds them.
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
        // It is so, but the compiler forgets it and would look for the end of every line at every step.
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
