//! Matrix products by the `ndarray` library: its micro-kernels use the widest vectors that the processor has.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, ShapeBuilder};

use crate::kernels::matmul::{NO_BIAS, Params};

/// C = A · B + bias, as [`crate::kernels::matmul::twin`] defines it.
pub(super) fn product(params: &Params, a: &[f32], b: &[f32], c: &mut [f32]) {
    let [m, n, k] = [params.m, params.n, params.k].map(|it| it as usize);
    if m == 0 || n == 0 {
        return;
    }
    let c = &mut c[params.c_offset as usize..][..m * n];
    // Biases go in first: the product then adds to them.
    let keep = if params.bias == NO_BIAS {
        0.0
    } else {
        let bias = &b[params.bias as usize..][..n];
        c.chunks_exact_mut(n).for_each(|row| row.copy_from_slice(bias));
        1.0
    };
    if k == 0 {
        if keep == 0.0 {
            c.fill(0.0);
        }
        return;
    }
    let a =
        Factor { values: &a[params.a_offset as usize..], row: params.a_row as usize, column: params.a_column as usize };
    let b =
        Factor { values: &b[params.b_offset as usize..], row: params.b_row as usize, column: params.b_column as usize };
    accumulate([m, n, k], a, b, keep, c);
}

/// A matrix as it lies in memory.
#[derive(Clone, Copy)]
pub(super) struct Factor<'a> {
    values: &'a [f32],
    row: usize,
    column: usize,
}

impl<'a> Factor<'a> {
    /// Rows of this length, one after the other.
    pub(super) fn rows(values: &'a [f32], len: usize) -> Self {
        Self { values, row: len, column: 1 }
    }

    /// Columns of this length, one after the other.
    pub(super) fn columns(values: &'a [f32], len: usize) -> Self {
        Self { values, row: 1, column: len }
    }

    fn view(self, shape: (usize, usize)) -> ArrayView2<'a, f32> {
        let strides = (self.row, self.column);
        ArrayView2::from_shape(shape.strides(strides), self.values).expect("factors stay inside their buffers")
    }
}

/// C [m, n] = A [m, k] · B [k, n] + keep · C, all sides at least 1.
pub(super) fn accumulate([m, n, k]: [usize; 3], a: Factor<'_>, b: Factor<'_>, keep: f32, c: &mut [f32]) {
    let mut c = ArrayViewMut2::from_shape((m, n), c).expect("C holds its rows one after the other");
    general_mat_mul(1.0, &a.view((m, k)), &b.view((k, n)), keep, &mut c);
}
