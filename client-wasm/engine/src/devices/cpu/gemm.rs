//! Matrix products (GEMM) in register tiles: both factors are packed, a panel at a time, in the order in which the tile
//! reads them. Each factor packs its own panels, so no matrix needs to be laid out before packing.
//!
//! After Goto & van de Geijn 2008, with one simplification: panels of the right factor are packed one by one, since
//! each is used for all rows while it is in the nearest cache.

use std::cell::RefCell;
use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::dispatched;
use super::sums::total_of;
use super::zero_skipping::NonZeros;

/// A factor as lines (rows of the left one, columns of the right one) along the shared depth.
pub(super) trait Panels {
    /// Fills a panel of `width` entries per step of the depth: entry `i` of step `d` is that of line `lines.start + i`
    /// at depth `depth.start + d`. Entries past the last line may keep their old values.
    fn pack(&self, lines: Range<usize>, depth: Range<usize>, width: usize, panel: &mut [f32]);
}

/// Destination of a product.
pub(super) trait Target {
    /// Receives the sums of a tile, several vectors for each of its rows.
    fn take<S: Simd, const VECTORS: usize>(&mut self, simd: S, tile: Tile, sums: &[[S::f32s; VECTORS]]);
}

/// A tile of a product.
pub(super) struct Tile {
    pub(super) rows: Range<usize>,
    pub(super) columns: Range<usize>,
    /// Whether these are the tile's first sums: sums over a long depth are computed in parts.
    pub(super) begins: bool,
}

/// The value to which sums are added.
#[derive(Clone, Copy)]
pub(super) enum Base<'a> {
    /// The value already in the destination.
    Present,
    /// One value, whatever is in the destination.
    Value(f32),
    /// One value per column, whatever is in the destination.
    Values(&'a [f32]),
}

/// Stores a row of a tile, as whole vectors where all of them fit.
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

/// Stores a row of a tile entry by entry.
#[inline(always)]
pub(super) fn put_some(to: &mut [f32], sums: &[f32], base: Base<'_>) {
    let to = to.iter_mut().zip(sums);
    match base {
        Base::Present => to.for_each(|(to, sum)| *to += sum),
        Base::Value(value) => to.for_each(|(to, sum)| *to = value + sum),
        Base::Values(values) => to.zip(values).for_each(|((to, sum), value)| *to = value + sum),
    }
}

/// Entries of a panel of the right factor that stay in the nearest cache (24 of its 32 kB) while all rows are
/// processed.
pub(super) const PANEL: usize = 6144;

/// On the page, zeros are skipped for one panel width only (padding the rest), to keep the wasm small.
const ONE_WIDTH: bool = cfg!(target_arch = "wasm32");

/// Packed panels of the left factor for one part of the depth, and one of the right factor.
#[derive(Debug, Default)]
struct Packed {
    left: Vec<f32>,
    nonzeros: NonZeros,
    right: Vec<f32>,
}

thread_local! {
    /// Reused between products, so that no product allocates memory.
    static PACKED: RefCell<Packed> = RefCell::default();
}

/// C [m, n] = A [m, k] · B [k, n].
pub(super) fn gemm(sides: [usize; 3], a: &impl Panels, b: &impl Panels, c: &mut impl Target) {
    if sides[0] > 0 && sides[1] > 0 {
        PACKED.with_borrow_mut(|panels| dispatched(Gemm { sides, a, b, c, panels }));
    }
}

struct Gemm<'p, A, B, C> {
    sides: [usize; 3],
    a: &'p A,
    b: &'p B,
    c: &'p mut C,
    panels: &'p mut Packed,
}

impl<A: Panels, B: Panels, C: Target> WithSimd for Gemm<'_, A, B, C> {
    type Output = ();

    /// Tile sizes that fill the registers of each kind of processor and leave two or three for the operands.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match S::F32_LANES {
            16 => self.tiled::<S, 8, 3>(simd),
            8 => self.tiled::<S, 4, 3>(simd),
            // V8 has fifteen registers of four lanes and keeps six operands alive at once: with one more sum, every
            // step would spill one to memory.
            _ => self.tiled::<S, 2, 4>(simd),
        }
    }
}

impl<A: Panels, B: Panels, C: Target> Gemm<'_, A, B, C> {
    #[inline(always)]
    fn tiled<S: Simd, const ROWS: usize, const VECTORS: usize>(self, simd: S) {
        let Self { sides: [m, n, k], a, b, c, panels: Packed { left, nonzeros, right } } = self;
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
            let is_sparse = nonzeros.fill::<ROWS>(&left[..m.next_multiple_of(ROWS) * steps], steps);
            for column in (0..n).step_by(most) {
                let columns = column..(column + most).min(n);
                let vectors = if is_sparse && ONE_WIDTH { VECTORS } else { columns.len().div_ceil(S::F32_LANES) };
                let width = vectors * S::F32_LANES;
                let panel = &mut right[..width * steps];
                if steps > 0 {
                    b.pack(columns.clone(), depth.clone(), width, panel);
                }
                let is_finite = || total_of(panel, |it| it * 0.0) == 0.0;
                let nonzeros = (is_sparse && is_finite()).then_some(&*nonzeros);
                let strip = Strip { rows: m, left: &*left, nonzeros, right: &*panel, columns, begins: begin == 0 };
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

/// All rows of a few columns of a product.
struct Strip<'a> {
    rows: usize,
    left: &'a [f32],
    /// The left factor without its zeros, where skipping them pays off.
    nonzeros: Option<&'a NonZeros>,
    right: &'a [f32],
    columns: Range<usize>,
    begins: bool,
}

impl Strip<'_> {
    /// Columns that are narrower than a full panel.
    #[inline(always)]
    fn narrow<S: Simd, const ROWS: usize, const VECTORS: usize>(self, simd: S, c: &mut impl Target) {
        if ONE_WIDTH { self.filled::<S, ROWS, VECTORS>(simd, c) } else { self.tiled::<S, ROWS, VECTORS>(simd, c) }
    }

    #[inline(always)]
    fn tiled<S: Simd, const ROWS: usize, const VECTORS: usize>(self, simd: S, c: &mut impl Target) {
        match self.nonzeros {
            None => self.filled::<S, ROWS, VECTORS>(simd, c),
            Some(nonzeros) => self.filled_sparsely::<S, ROWS, VECTORS>(simd, nonzeros, c),
        }
    }

    /// Computes tile by tile. A function of its own in the browser, whose compiler keeps sums in registers only in
    /// small functions; natively it must be inlined into the code compiled for this processor's vectors.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    fn filled<S: Simd, const ROWS: usize, const VECTORS: usize>(self, simd: S, c: &mut impl Target) {
        let Self { rows, left, right, columns, begins, .. } = self;
        let panel = right.len() / (VECTORS * S::F32_LANES) * ROWS;
        for (at, first) in (0..rows).step_by(ROWS).enumerate() {
            let left = &left[at * panel..][..panel];
            let sums = sums::<S, ROWS, VECTORS>(simd, left, right);
            let tile = Tile { rows: first..(first + ROWS).min(rows), columns: columns.clone(), begins };
            c.take(simd, tile, &sums);
        }
    }

    /// The same with zeros skipped.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    fn filled_sparsely<S: Simd, const ROWS: usize, const VECTORS: usize>(
        self,
        simd: S,
        nonzeros: &NonZeros,
        c: &mut impl Target,
    ) {
        let Self { rows, right, columns, begins, .. } = self;
        let right = S::as_simd_f32s(right).0.as_chunks::<VECTORS>().0;
        for (at, first) in (0..rows).step_by(ROWS).enumerate() {
            let (left, steps) = nonzeros.panel::<ROWS>(at);
            let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ROWS];
            for (left, &step) in left.iter().zip(steps) {
                add::<S, ROWS, VECTORS>(simd, &mut sums, left, &right[step as usize]);
            }
            let tile = Tile { rows: first..(first + ROWS).min(rows), columns: columns.clone(), begins };
            c.take(simd, tile, &sums);
        }
    }
}

/// The sums of one tile over one part of the depth, all in registers. One step per iteration: in a longer loop body V8
/// would spill the sums.
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

/// Adds one step of the depth to the sums.
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
