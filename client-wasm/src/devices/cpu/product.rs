//! Matrix products in register tiles: both factors are packed, a panel at a time, in the order in which the tile reads
//! them, and whoever owns a factor does the packing, so that nobody lays a matrix out only to have it packed.
//!
//! Goto & van de Geijn 2008 with one simplification: the panels of the right factor are packed one by one, since each is
//! used for all rows while it lies in the nearest cache.

use std::cell::RefCell;
use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

/// A factor as lines (rows of the left one, columns of the right one) along the depth that both share.
pub(super) trait Lines {
    /// Fills a panel of `width` entries for every step of the depth: entry `i` of step `d` is that of line
    /// `lines.start + i` at depth `depth.start + d`. Entries past the last line may stay what they are.
    fn pack(&self, lines: Range<usize>, depth: Range<usize>, width: usize, panel: &mut [f32]);
}

/// Where a product goes.
pub(super) trait Target {
    /// Takes a tile of sums: `tile` has `width` entries for each of the rows. Sums over a long depth come in parts, of which
    /// the first `begins`.
    fn take(&mut self, rows: Range<usize>, columns: Range<usize>, tile: &[f32], width: usize, begins: bool);
}

/// Entries of a panel of the right factor that stay in the nearest cache (24 of its 32 kB) while rows go by.
const PANEL: usize = 6144;

/// Most entries of a tile, on any processor.
const TILE: usize = 8 * 48;

thread_local! {
    /// Panels of the left factor for one part of the depth, and one of the right factor: kept, so that no product pays
    /// for fresh memory.
    static PANELS: RefCell<[Vec<f32>; 2]> = const { RefCell::new([Vec::new(), Vec::new()]) };
}

/// C [m, n] = A [m, k] · B [k, n].
pub(super) fn product(sides: [usize; 3], a: &impl Lines, b: &impl Lines, c: &mut impl Target) {
    if sides[0] > 0 && sides[1] > 0 {
        PANELS.with_borrow_mut(|panels| Arch::new().dispatch(Product { sides, a, b, c, panels }));
    }
}

struct Product<'p, A, B, C> {
    sides: [usize; 3],
    a: &'p A,
    b: &'p B,
    c: &'p mut C,
    panels: &'p mut [Vec<f32>; 2],
}

impl<A: Lines, B: Lines, C: Target> WithSimd for Product<'_, A, B, C> {
    type Output = ();

    /// Tiles that fill the registers of each kind of processor and leave two or three for what is multiplied.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            16 => self.tiled::<S, 8, 3>(simd),
            8 => self.tiled::<S, 4, 3>(simd),
            // V8 has fifteen registers of four lanes: one more sum and every step would store and load one.
            _ => self.tiled::<S, 3, 3>(simd),
        }
    }
}

impl<A: Lines, B: Lines, C: Target> Product<'_, A, B, C> {
    #[inline(always)]
    fn tiled<S: Simd, const ROWS: usize, const VECTORS: usize>(self, simd: S) {
        let Self { sides: [m, n, k], a, b, c, panels: [left, right] } = self;
        let most = VECTORS * S::F32_LANES;
        let parts = k.div_ceil(PANEL / most).max(1);
        let part = k.div_ceil(parts);
        left.resize(left.len().max(m.next_multiple_of(ROWS) * part), 0.0);
        right.resize(right.len().max(most * part), 0.0);
        let mut tile = [0.0; TILE];
        for begin in (0..k.max(1)).step_by(part.max(1)) {
            let depth = begin..(begin + part).min(k);
            let steps = depth.len();
            if steps > 0 {
                for (first, panel) in (0..m).step_by(ROWS).zip(left.chunks_exact_mut(ROWS * steps)) {
                    a.pack(first..(first + ROWS).min(m), depth.clone(), ROWS, panel);
                }
            }
            for column in (0..n).step_by(most) {
                let columns = column..(column + most).min(n);
                let vectors = columns.len().div_ceil(S::F32_LANES);
                let width = vectors * S::F32_LANES;
                let panel = &mut right[..width * steps];
                if steps > 0 {
                    b.pack(columns.clone(), depth.clone(), width, panel);
                }
                for row in (0..m).step_by(ROWS) {
                    let left = &left[row * steps..][..ROWS * steps];
                    match vectors {
                        1 => sums::<S, ROWS, 1>(simd, left, panel, &mut tile),
                        2 => sums::<S, ROWS, 2>(simd, left, panel, &mut tile),
                        _ => sums::<S, ROWS, VECTORS>(simd, left, panel, &mut tile),
                    }
                    c.take(row..(row + ROWS).min(m), columns.clone(), &tile, width, begin == 0);
                }
            }
        }
    }
}

/// The sums of one tile over one part of the depth, all in registers.
#[inline(always)]
fn sums<S: Simd, const ROWS: usize, const VECTORS: usize>(simd: S, left: &[f32], right: &[f32], tile: &mut [f32]) {
    let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
    let right = S::as_simd_f32s(right).0.as_chunks::<VECTORS>().0;
    for (left, right) in left.as_chunks::<ROWS>().0.iter().zip(right) {
        for (sums, left) in sums.iter_mut().zip(left) {
            let left = simd.splat_f32s(*left);
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum = simd.mul_add_e_f32s(left, *right, *sum);
            }
        }
    }
    let tile = S::as_mut_simd_f32s(tile).0.as_chunks_mut::<VECTORS>().0;
    tile.iter_mut().zip(sums).for_each(|(tile, sums)| *tile = sums);
}

/// A matrix as it lies in memory.
#[derive(Clone, Copy)]
pub(super) struct Strided<'a> {
    /// From its first entry on.
    pub(super) values: &'a [f32],
    /// From one line to the next.
    pub(super) line: usize,
    /// From one step of the depth to the next.
    pub(super) step: usize,
}

impl Lines for Strided<'_> {
    #[inline(always)]
    fn pack(&self, lines: Range<usize>, depth: Range<usize>, width: usize, panel: &mut [f32]) {
        let Self { values, line, step } = *self;
        let values = &values[lines.start * line + depth.start * step..];
        // Matrices of one line or one step may have strides of 1 both ways.
        if line == 1 && step >= lines.len() {
            beside(values, step, lines.len(), width, panel);
        } else if step == 1 && line >= depth.len() {
            across(values, line, lines.len(), width, depth.len(), panel);
        } else {
            for (at, panel) in panel.chunks_exact_mut(width).enumerate() {
                panel.iter_mut().take(lines.len()).enumerate().for_each(|(it, to)| *to = values[it * line + at * step]);
            }
        }
    }
}

/// Lines lie side by side: every step of the depth is a copy.
#[inline(always)]
fn beside(values: &[f32], step: usize, lines: usize, width: usize, panel: &mut [f32]) {
    for (panel, values) in panel.chunks_exact_mut(width).zip(values.chunks(step)) {
        let (panel, panel_rest) = panel[..lines].as_chunks_mut::<4>();
        let (values, rest) = values[..lines].as_chunks::<4>();
        // Four by four: a copy of a few entries, nobody knows how many, would be a call.
        panel.iter_mut().zip(values).for_each(|(to, from)| *to = *from);
        panel_rest.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    }
}

/// Every line lies along the depth: four steps of a line at a time.
#[inline(always)]
fn across(values: &[f32], line: usize, lines: usize, width: usize, depth: usize, panel: &mut [f32]) {
    for (at, values) in values.chunks(line).take(lines).enumerate() {
        let values = &values[..depth];
        let (fours, rest) = values.as_chunks::<4>();
        let mut panels = panel.chunks_exact_mut(4 * width);
        for (four, panel) in fours.iter().zip(&mut panels) {
            panel[at] = four[0];
            panel[width + at] = four[1];
            panel[2 * width + at] = four[2];
            panel[3 * width + at] = four[3];
        }
        let done = fours.len() * 4 * width;
        for (value, panel) in rest.iter().zip(panel[done..].chunks_exact_mut(width)) {
            panel[at] = *value;
        }
    }
}
