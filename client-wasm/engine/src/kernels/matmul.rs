//! Matmul: C = A · B, with either factor transposed by its strides, and a bias for every column if there is one.

use super::{Call, Case, grid};

kernel! {
    "matmul" with "registers"
    params {
        /// Rows of A and C.
        m: u32,
        /// Columns of B and C.
        n: u32,
        /// Columns of A, rows of B.
        k: u32,
        /// Where A begins.
        a_offset: u32,
        /// From one row of A to the next.
        a_row: u32,
        /// From one column of A to the next.
        a_column: u32,
        /// Where B begins.
        b_offset: u32,
        /// From one row of B to the next.
        b_row: u32,
        /// From one column of B to the next.
        b_column: u32,
        /// Where C begins; its rows lie one after the other.
        c_offset: u32,
        /// Where the biases begin in the buffer of B (weights and biases share it), or [`NO_BIAS`].
        bias: u32,
    }
    buffers {
        a: reads f32,
        b: reads f32,
        c: writes f32,
    }
}

/// No bias is added.
pub const NO_BIAS: u32 = u32::MAX;

/// One invocation per 16 × 16 entries of C.
pub fn workgroups(params: &Params) -> [u32; 3] {
    grid(params.n.div_ceil(16) * params.m.div_ceil(16), 4)
}

/// c[i, j] = Σₗ a[i, l] · b[l, j] + bias[j].
pub fn twin(params: &Params, a: &[f32], b: &[f32], c: &mut [f32]) {
    let Params { m, n, k, a_offset, a_row, a_column, b_offset, b_row, b_column, c_offset, bias } = *params;
    for row in 0..m {
        for column in 0..n {
            let mut sum = 0.0;
            for at in 0..k {
                let left = a[(a_offset + row * a_row + at * a_column) as usize];
                let right = b[(b_offset + at * b_row + column * b_column) as usize];
                sum += left * right;
            }
            if bias != NO_BIAS {
                sum += b[(bias + column) as usize];
            }
            c[(c_offset + row * n + column) as usize] = sum;
        }
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    cases_of(Call::Matmul)
}

/// The cases for any kernel of this definition.
pub(super) fn cases_of(call: fn(Params) -> Call) -> Vec<Case> {
    let plain = |m, n, k| Params {
        m,
        n,
        k,
        a_offset: 0,
        a_row: k,
        a_column: 1,
        b_offset: 0,
        b_row: n,
        b_column: 1,
        c_offset: 0,
        bias: NO_BIAS,
    };
    // A weight [n, k] at 5 with its biases after it, as a linear layer reads them.
    let linear = |m, n, k| Params { b_offset: 5, b_row: 1, b_column: k, bias: 5 + n * k, ..plain(m, n, k) };
    // dW [m, n] from dy [k, m] and x [k, n], into a weight vector at 3.
    let outer = |m, n, k| Params { a_row: 1, a_column: m, c_offset: 3, ..plain(m, n, k) };
    let noise = |about, params: Params| {
        let Params { m, n, k, b_offset, c_offset, .. } = params;
        Case::new(about, call(params))
            .noise((m * k) as usize)
            .noise((b_offset + n * k + n) as usize)
            .noise((c_offset + m * n) as usize)
            // Sums of k products in another order.
            .within(1e-6 * k.max(10) as f32)
    };
    vec![
        Case::new("one element", call(plain(1, 1, 1))).floats([3.0]).floats([2.0]).floats([9.0]).gives(2, [6.0]),
        Case::new("a linear layer by hand", call(Params { b_offset: 0, bias: 4, ..linear(2, 2, 2) }))
            .floats([1.0, 2.0, 3.0, 4.0])
            .floats([1.0, 10.0, 100.0, 1000.0, 0.5, 0.25])
            .floats([9.0; 4])
            .gives(2, [21.5, 2100.25, 43.5, 4300.25]),
        Case::new("a gradient of weights by hand", call(Params { c_offset: 1, ..outer(2, 1, 2) }))
            .floats([1.0, 2.0, 3.0, 4.0])
            .floats([10.0, 100.0])
            .floats([9.0, 9.0, 9.0])
            .gives(2, [9.0, 310.0, 420.0]),
        noise("exactly one workgroup", plain(64, 64, 16)),
        noise("ragged in every dimension", plain(13, 7, 21)),
        noise("ragged and more than one workgroup", linear(65, 130, 33)),
        noise("ragged gradient of weights", outer(101, 67, 50)),
        noise("a thin batch", linear(1, 300, 784)),
        noise("empty sums leave the bias", linear(3, 2, 0)),
        noise("empty", plain(0, 5, 3)),
        noise("no columns", plain(5, 0, 3)),
    ]
}
