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
    let a = view(&a[params.a_offset as usize..], (m, k), (params.a_row, params.a_column));
    let b = view(&b[params.b_offset as usize..], (k, n), (params.b_row, params.b_column));
    let c = ArrayViewMut2::from_shape((m, n), c).expect("C holds its rows one after the other");
    general_mat_mul(1.0, &b.t(), &a.t(), keep, &mut c.reversed_axes());
}

fn view(values: &[f32], shape: (usize, usize), (row, column): (u32, u32)) -> ArrayView2<'_, f32> {
    let strides = (row as usize, column as usize);
    ArrayView2::from_shape(shape.strides(strides), values).expect("the program's strides stay inside its buffers")
}
