//! Matrix products in register tiles: both factors are packed, a panel at a time, in the order in which the tile reads
//! them, and whoever owns a factor does the packing, so that nobody lays a matrix out only to have it packed.
//!
//! Goto & van de Geijn 2008 with one simplification: the panels of the right factor are packed one by one, since each is
//! used for all rows while it lies in the nearest cache.

use std::cell::RefCell;
use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::vectorised;

/// A factor as lines (rows of the left one, columns of the right one) along the depth that both share.
pub(super) trait Lines {
    /// Fills a panel of `width` entries for every step of the depth: entry `i` of step `d` is that of line
    /// `lines.start + i` at depth `depth.start + d`. Entries past the last line may stay what they are.
    fn pack(&self, lines: Range<usize>, depth: Range<usize>, width: usize, panel: &mut [f32]);
}

/// Where a product goes.
pub(super) trait Target {
    /// Takes a tile of sums, some vectors for each of the rows. Sums over a long depth come in parts, of which the first
    /// `begins`.
    fn take<S: Simd, const VECTORS: usize>(
        &mut self,
        simd: S,
        rows: Range<usize>,
        columns: Range<usize>,
        tile: &[[S::f32s; VECTORS]],
        begins: bool,
    );
}

/// What sums are added to.
#[derive(Clone, Copy)]
pub(super) enum Base<'a> {
    /// What is there already.
    Present,
    /// One value, whatever is there.
    Value(f32),
    /// A value for every column, whatever is there.
    Values(&'a [f32]),
}

/// Puts a row of a tile where it belongs: whole vectors where all of them fit.
#[inline(always)]
pub(super) fn put<S: Simd, const VECTORS: usize>(simd: S, to: &mut [f32], sums: &[S::f32s; VECTORS], base: Base<'_>) {
    if let Ok(to) = <&mut [S::f32s; VECTORS]>::try_from(S::as_mut_simd_f32s(to).0) {
        for (at, (to, sum)) in to.iter_mut().zip(sums).enumerate() {
            let base = match base {
                Base::Present => *to,
                Base::Value(value) => simd.splat_f32s(value),
                Base::Values(values) => S::as_simd_f32s(values).0[at],
            };
            *to = simd.add_f32s(base, *sum);
        }
    } else {
        put_some(to, bytemuck::cast_slice(sums), base);
    }
}

/// The same entry by entry.
#[inline(always)]
pub(super) fn put_some(to: &mut [f32], sums: &[f32], base: Base<'_>) {
    let to = to.iter_mut().zip(sums);
    match base {
        Base::Present => to.for_each(|(to, sum)| *to += sum),
        Base::Value(value) => to.for_each(|(to, sum)| *to = value + sum),
        Base::Values(values) => to.zip(values).for_each(|((to, sum), value)| *to = value + sum),
    }
}

/// Entries of a panel of the right factor that stay in the nearest cache (24 of its 32 kB) while rows go by.
const PANEL: usize = 6144;

thread_local! {
    /// Panels of the left factor for one part of the depth, and one of the right factor: kept, so that no product pays
    /// for fresh memory.
    static PANELS: RefCell<[Vec<f32>; 2]> = const { RefCell::new([Vec::new(), Vec::new()]) };
}

/// C [m, n] = A [m, k] · B [k, n].
pub(super) fn product(sides: [usize; 3], a: &impl Lines, b: &impl Lines, c: &mut impl Target) {
    if sides[0] > 0 && sides[1] > 0 {
        PANELS.with_borrow_mut(|panels| vectorised(Product { sides, a, b, c, panels }));
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
            // V8 has fifteen registers of four lanes, and lets six of what is multiplied live at once: one more sum, and
            // every step would store and load one.
            _ => self.tiled::<S, 2, 4>(simd),
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
                let strip = Strip { rows: m, left: &*left, right: &*panel, columns, begins: begin == 0 };
                match vectors {
                    1 => strip.filled::<S, ROWS, 1>(simd, c),
                    2 => strip.filled::<S, ROWS, 2>(simd, c),
                    3 => strip.filled::<S, ROWS, 3>(simd, c),
                    _ => strip.filled::<S, ROWS, VECTORS>(simd, c),
                }
            }
        }
    }
}

/// All rows of a few columns.
struct Strip<'a> {
    rows: usize,
    left: &'a [f32],
    right: &'a [f32],
    columns: Range<usize>,
    begins: bool,
}

impl Strip<'_> {
    /// Tile by tile. A function of its own in the browser, whose compiler keeps the sums in registers only while little else
    /// is going on; natively it must be part of what is compiled for this processor's vectors.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    fn filled<S: Simd, const ROWS: usize, const VECTORS: usize>(self, simd: S, c: &mut impl Target) {
        let Self { rows, left, right, columns, begins } = self;
        let panel = right.len() / (VECTORS * S::F32_LANES) * ROWS;
        for (at, first) in (0..rows).step_by(ROWS).enumerate() {
            let left = &left[at * panel..][..panel];
            let sums = sums::<S, ROWS, VECTORS>(simd, left, right);
            c.take(simd, first..(first + ROWS).min(rows), columns.clone(), &sums, begins);
        }
    }
}

/// The sums of one tile over one part of the depth, all in registers. A step at a time: V8 keeps the sums of a longer body
/// elsewhere.
#[inline(always)]
fn sums<S: Simd, const ROWS: usize, const VECTORS: usize>(
    simd: S,
    left: &[f32],
    right: &[f32],
) -> [[S::f32s; VECTORS]; ROWS] {
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
    sums
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
fn beside(values: &[f32], step: usize, lines: usize, width: usize, panel: &mut [f32]) {
    match (lines == width, width) {
        (true, 2) => copied::<2>(values, step, panel),
        (true, 8) => copied::<8>(values, step, panel),
        (true, 16) => copied::<16>(values, step, panel),
        (true, 48) => copied::<48>(values, step, panel),
        _ => {
            for (panel, values) in panel.chunks_exact_mut(width).zip(values.chunks(step)) {
                panel.iter_mut().zip(&values[..lines]).for_each(|(to, from)| *to = *from);
            }
        }
    }
}

/// A copy whose length the compiler knows: otherwise each would be a call.
fn copied<const WIDTH: usize>(values: &[f32], step: usize, panel: &mut [f32]) {
    for (panel, values) in panel.as_chunks_mut::<WIDTH>().0.iter_mut().zip(values.chunks(step)) {
        panel.copy_from_slice(&values[..WIDTH]);
    }
}

/// Every line lies along the depth: four steps of four lines at a time, turned over in registers.
fn across(values: &[f32], line: usize, lines: usize, width: usize, depth: usize, panel: &mut [f32]) {
    let at = |it: usize| &values[it * line..][..depth];
    if (lines, width) == (2, 2) {
        let pairs = at(0).iter().zip(at(1));
        panel.as_chunks_mut::<2>().0.iter_mut().zip(pairs).for_each(|(panel, (a, b))| *panel = [*a, *b]);
        return;
    }
    let whole = lines / 4 * 4;
    for first in (0..whole).step_by(4) {
        let [a, b, c, d] = [0, 1, 2, 3].map(|it| at(first + it).as_chunks::<4>().0);
        let steps = a.iter().zip(b).zip(c.iter().zip(d));
        for (((a, b), (c, d)), panel) in steps.zip(panel.chunks_exact_mut(4 * width)) {
            for step in 0..4 {
                panel[step * width + first..][..4].copy_from_slice(&[a[step], b[step], c[step], d[step]]);
            }
        }
        for (step, panel) in panel.chunks_exact_mut(width).enumerate().skip(depth / 4 * 4) {
            (0..4).for_each(|it| panel[first + it] = values[(first + it) * line + step]);
        }
    }
    for it in whole..lines {
        at(it).iter().zip(panel.chunks_exact_mut(width)).for_each(|(value, panel)| panel[it] = *value);
    }
}
