//! Matrix products of linear layers: both factors lie in buffers as strides say.

use std::cell::RefCell;
use std::ops::Range;

use pulp::Simd;

use super::product::{Base, Lines, Target, product, put};
use super::strided::Strided;
use crate::kernels::matmul::{NO_BIAS, Params};

thread_local! {
    /// A product with its rows as columns: kept, so that no step pays for fresh memory.
    static TURNED: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// C = A · B + bias, as [`crate::kernels::matmul::twin`] defines it.
pub(super) fn multiply(params: &Params, a: &[f32], b: &[f32], c: &mut [f32]) {
    let [m, n, k] = [params.m, params.n, params.k].map(|it| it as usize);
    let bias = (params.bias != NO_BIAS).then(|| &b[params.bias as usize..][..n]);
    let left =
        Strided { values: &a[params.a_offset as usize..], line: params.a_row as usize, step: params.a_column as usize };
    let right =
        Strided { values: &b[params.b_offset as usize..], line: params.b_column as usize, step: params.b_row as usize };
    let values = &mut c[params.c_offset as usize..][..m * n];
    // Zeros are left out of the left factor only.
    if bias.is_none() && right.is_thin([n, k]) && !left.is_thin([m, k]) {
        TURNED.with_borrow_mut(|turned| {
            turned.resize(turned.len().max(n * m), 0.0);
            product([n, m, k], &right, &left, &mut Rows { values: turned, len: m, bias });
            Strided { values: turned, line: m, step: 1 }.pack(0..n, 0..m, n, values);
        });
    } else {
        product([m, n, k], &left, &right, &mut Rows { values, len: n, bias });
    }
}

/// A matrix whose rows lie one after the other, with a bias for every column if there is one.
pub(super) struct Rows<'a> {
    pub(super) values: &'a mut [f32],
    pub(super) len: usize,
    pub(super) bias: Option<&'a [f32]>,
}

impl Target for Rows<'_> {
    #[inline(always)]
    fn take<S: Simd, const VECTORS: usize>(
        &mut self,
        simd: S,
        rows: Range<usize>,
        columns: Range<usize>,
        tile: &[[S::f32s; VECTORS]],
        begins: bool,
    ) {
        let base = match (begins, self.bias) {
            (false, _) => Base::Present,
            (true, None) => Base::Value(0.0),
            (true, Some(bias)) => Base::Values(&bias[columns.clone()]),
        };
        for (row, sums) in rows.zip(tile) {
            put(simd, &mut self.values[row * self.len..][columns.clone()], sums, base);
        }
    }
}
