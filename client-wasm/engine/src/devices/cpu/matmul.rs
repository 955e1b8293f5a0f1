//! Matrix products of linear layers: both factors are in buffers with strides.

use pulp::Simd;
use std::cell::RefCell;

use super::gemm::{Base, Panels, Target, Tile, gemm, put};
use super::strided::Strided;
use crate::kernels::product::matmul::{NO_BIAS, Params};

thread_local! {
    /// A transposed product, reused between steps, so that no step allocates memory.
    static TURNED: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// C = A · B + bias, as defined by [`crate::kernels::product::matmul::twin`].
pub(super) fn multiply(params: &Params, a: &[f32], b: &[f32], c: &mut [f32]) {
    let [m, n, k] = [params.m, params.n, params.k].map(|it| it as usize);
    let bias = (params.bias != NO_BIAS).then(|| &b[params.bias as usize..][..n]);
    let left =
        Strided { values: &a[params.a_offset as usize..], line: params.a_row as usize, step: params.a_column as usize };
    let right =
        Strided { values: &b[params.b_offset as usize..], line: params.b_column as usize, step: params.b_row as usize };
    let values = &mut c[params.c_offset as usize..][..m * n];
    // Zeros can only be skipped in the left factor, so the product is transposed.
    if bias.is_none() && right.is_sparse([n, k]) && !left.is_sparse([m, k]) {
        TURNED.with_borrow_mut(|turned| {
            turned.resize(turned.len().max(n * m), 0.0);
            gemm([n, m, k], &right, &left, &mut Rows { values: turned, len: m, bias });
            Strided { values: turned, line: m, step: 1 }.pack(0..n, 0..m, n, values);
        });
    } else {
        gemm([m, n, k], &left, &right, &mut Rows { values, len: n, bias });
    }
}

/// A matrix with contiguous rows, with a bias per column if there is one.
pub(super) struct Rows<'a> {
    pub(super) values: &'a mut [f32],
    pub(super) len: usize,
    pub(super) bias: Option<&'a [f32]>,
}

impl Target for Rows<'_> {
    #[inline(always)]
    fn take<S: Simd, const VECTORS: usize>(&mut self, simd: S, tile: Tile, sums: &[[S::f32s; VECTORS]]) {
        let Tile { rows, columns, begins } = tile;
        let base = match (begins, self.bias) {
            (false, _) => Base::Present,
            (true, None) => Base::Value(0.0),
            (true, Some(bias)) => Base::Values(&bias[columns.clone()]),
        };
        for (row, sums) in rows.zip(sums) {
            put(simd, &mut self.values[row * self.len..][columns.clone()], sums, base);
        }
    }
}
