//! Matrix products in register tiles: both factors are packed, a panel at a time, in the order in which the tile reads
//! them, and whoever owns a factor does the packing, so that nobody lays a matrix out only to have it packed.
//!
//! Goto & van de Geijn 2008 with one simplification: the panels of the right factor are packed one by one, since each is
//! used for all rows while it lies in the nearest cache.

use std::cell::RefCell;
use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::dispatched;
use super::sums::total_of;
use super::thinned::Thinned;

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
pub(super) const PANEL: usize = 6144;

/// Whether zeros are left out of panels of one width only, if need be with columns that nobody asked for: a page weighs.
const ONE_WIDTH: bool = cfg!(target_arch = "wasm32");

/// Panels of the left factor for one part of the depth, and one of the right factor.
#[derive(Debug, Default)]
struct Panels {
    left: Vec<f32>,
    thinned: Thinned,
    right: Vec<f32>,
}

thread_local! {
    /// Kept, so that no product pays for fresh memory.
    static PANELS: RefCell<Panels> = RefCell::default();
}

/// C [m, n] = A [m, k] · B [k, n].
pub(super) fn product(sides: [usize; 3], a: &impl Lines, b: &impl Lines, c: &mut impl Target) {
    if sides[0] > 0 && sides[1] > 0 {
        PANELS.with_borrow_mut(|panels| dispatched(Product { sides, a, b, c, panels }));
    }
}

struct Product<'p, A, B, C> {
    sides: [usize; 3],
    a: &'p A,
    b: &'p B,
    c: &'p mut C,
    panels: &'p mut Panels,
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
        let Self { sides: [m, n, k], a, b, c, panels: Panels { left, thinned, right } } = self;
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
            let is_thin = thinned.fill::<ROWS>(&left[..m.next_multiple_of(ROWS) * steps], steps);
            for column in (0..n).step_by(most) {
                let columns = column..(column + most).min(n);
                let vectors = if is_thin && ONE_WIDTH { VECTORS } else { columns.len().div_ceil(S::F32_LANES) };
                let width = vectors * S::F32_LANES;
                let panel = &mut right[..width * steps];
                if steps > 0 {
                    b.pack(columns.clone(), depth.clone(), width, panel);
                }
                let is_finite = || total_of(panel, |it| it * 0.0) == 0.0;
                let thinned = (is_thin && is_finite()).then_some(&*thinned);
                let strip = Strip { rows: m, left: &*left, thinned, right: &*panel, columns, begins: begin == 0 };
                match vectors {
                    1 => strip.narrow::<S, ROWS, 1>(simd, c),
                    2 => strip.narrow::<S, ROWS, 2>(simd, c),
                    3 => strip.narrow::<S, ROWS, 3>(simd, c),
                    _ => strip.tiled::<S, ROWS, VECTORS>(simd, c),
                }
            }
        }
    }
}

/// All rows of a few columns.
struct Strip<'a> {
    rows: usize,
    left: &'a [f32],
    /// The same without the zeros, where that pays.
    thinned: Option<&'a Thinned>,
    right: &'a [f32],
    columns: Range<usize>,
    begins: bool,
}

impl Strip<'_> {
    /// Columns that a panel need not be as wide for as it can be.
    #[inline(always)]
    fn narrow<S: Simd, const ROWS: usize, const VECTORS: usize>(self, simd: S, c: &mut impl Target) {
        if ONE_WIDTH { self.filled::<S, ROWS, VECTORS>(simd, c) } else { self.tiled::<S, ROWS, VECTORS>(simd, c) }
    }

    #[inline(always)]
    fn tiled<S: Simd, const ROWS: usize, const VECTORS: usize>(self, simd: S, c: &mut impl Target) {
        match self.thinned {
            None => self.filled::<S, ROWS, VECTORS>(simd, c),
            Some(thinned) => self.thinly_filled::<S, ROWS, VECTORS>(simd, thinned, c),
        }
    }

    /// Tile by tile. A function of its own in the browser, whose compiler keeps the sums in registers only while little else
    /// is going on; natively it must be part of what is compiled for this processor's vectors.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    fn filled<S: Simd, const ROWS: usize, const VECTORS: usize>(self, simd: S, c: &mut impl Target) {
        let Self { rows, left, right, columns, begins, .. } = self;
        let panel = right.len() / (VECTORS * S::F32_LANES) * ROWS;
        for (at, first) in (0..rows).step_by(ROWS).enumerate() {
            let left = &left[at * panel..][..panel];
            let sums = sums::<S, ROWS, VECTORS>(simd, left, right);
            c.take(simd, first..(first + ROWS).min(rows), columns.clone(), &sums, begins);
        }
    }

    /// The same, and nothing is done for what is left out.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    fn thinly_filled<S: Simd, const ROWS: usize, const VECTORS: usize>(
        self,
        simd: S,
        thinned: &Thinned,
        c: &mut impl Target,
    ) {
        let Self { rows, right, columns, begins, .. } = self;
        let right = S::as_simd_f32s(right).0.as_chunks::<VECTORS>().0;
        for (at, first) in (0..rows).step_by(ROWS).enumerate() {
            let (left, steps) = thinned.panel::<ROWS>(at);
            let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
            for (left, &step) in left.iter().zip(steps) {
                add::<S, ROWS, VECTORS>(simd, &mut sums, left, &right[step as usize]);
            }
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
        add::<S, ROWS, VECTORS>(simd, &mut sums, left, right);
    }
    sums
}

/// What one step of the depth adds to the sums.
#[inline(always)]
fn add<S: Simd, const ROWS: usize, const VECTORS: usize>(
    simd: S,
    sums: &mut [[S::f32s; VECTORS]; ROWS],
    left: &[f32; ROWS],
    right: &[S::f32s; VECTORS],
) {
    for (sums, left) in sums.iter_mut().zip(left) {
        let left = simd.splat_f32s(*left);
        for (sum, right) in sums.iter_mut().zip(right) {
            *sum = simd.mul_add_e_f32s(left, *right, *sum);
        }
    }
}
