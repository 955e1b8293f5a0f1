//! Matmul: C = A · B, with each factor transposed if its strides say so, and with a bias per column if there is one.

use crate::kernels::{Call, Case, Layout, grid};

kernel! {
    "matmul" with "items" "tiles" "registers"
    params {
        /// Number of rows of A and C.
        m: u32,
        /// Number of columns of B and C.
        n: u32,
        /// Number of columns of A and of rows of B.
        k: u32,
        /// Offset of A.
        a_offset: u32,
        /// Stride from one row of A to the next.
        a_row: u32,
        /// Stride from one column of A to the next.
        a_column: u32,
        /// Offset of B.
        b_offset: u32,
        /// Stride from one row of B to the next.
        b_row: u32,
        /// Stride from one column of B to the next.
        b_column: u32,
        /// Offset of C, whose rows are contiguous.
        c_offset: u32,
        /// Offset of the biases in the buffer of B (weights and biases share it), or [`NO_BIAS`].
        bias: u32,
    }
    buffers { a: reads f32, b: reads f32, c: writes f32 }
    // One invocation per 16 × 16 entries of C.
    runs |params| grid(params.n.div_ceil(16) * params.m.div_ceil(16), 4);
    forms {
        "matmul_sliced" with "slices": is_sliced => sliced,
        "matmul_tiled": is_tiled => tiled,
    }
}

impl Params {
    /// A product [m, k] by [k, n] of factors at offset 0, with the given strides of rows and columns, without a bias.
    pub fn strided([m, n, k]: [u32; 3], [a_row, a_column]: [u32; 2], [b_row, b_column]: [u32; 2]) -> Self {
        let (a_offset, b_offset, c_offset, bias) = (0, 0, 0, NO_BIAS);
        Self { m, n, k, a_offset, a_row, a_column, b_offset, b_row, b_column, c_offset, bias }
    }
}

/// Marks that no bias is added.
pub const NO_BIAS: u32 = u32::MAX;

/// Whether the sliced shader is used: for long sums that are too few for tiles of 64 × 64 to keep a GPU busy.
fn is_sliced(params: &Params, layout: Layout) -> bool {
    layout.shares_sums(params.k) && params.m.div_ceil(64) * params.n.div_ceil(64) < 32
}

/// Workgroups of the sliced shader: one per 16 × 16 entries of C.
fn sliced(params: &Params) -> Option<[u32; 3]> {
    Some([params.n.div_ceil(16), params.m.div_ceil(16), 1])
}

/// Whether the tiled shader is used: on real GPUs.
fn is_tiled(_params: &Params, layout: Layout) -> bool {
    layout == Layout::Workgroups
}

/// Workgroups of the tiled shader: one per 64 × 64 entries of C.
fn tiled(params: &Params) -> Option<[u32; 3]> {
    Some([params.n.div_ceil(64), params.m.div_ceil(64), 1])
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
    let plain = |m, n, k| Params::strided([m, n, k], [k, 1], [n, 1]);
    // A weight [n, k] at offset 5 with its biases after it, as in a linear layer.
    let linear = |m, n, k| Params { b_offset: 5, b_row: 1, b_column: k, bias: 5 + n * k, ..plain(m, n, k) };
    // dW [m, n] from dy [k, m] and x [k, n], into a weight vector at offset 3.
    let outer = |m, n, k| Params { a_row: 1, a_column: m, c_offset: 3, ..plain(m, n, k) };
    let noise = |about, params: Params| {
        let Params { m, n, k, b_offset, c_offset, .. } = params;
        Case::new(about, Call::Matmul(params))
            .noise((m * k) as usize)
            .noise((b_offset + n * k + n) as usize)
            .noise((c_offset + m * n) as usize)
            // Sums of k products, added in another order.
            .within(1e-6 * k.max(10) as f32)
    };
    vec![
        Case::new("one element", Call::Matmul(plain(1, 1, 1))).given(&[&[3.0], &[2.0], &[9.0]]).gives(2, [6.0]),
        Case::new("a linear layer by hand", Call::Matmul(Params { b_offset: 0, bias: 4, ..linear(2, 2, 2) }))
            .given(&[&[1.0, 2.0, 3.0, 4.0], &[1.0, 10.0, 100.0, 1000.0, 0.5, 0.25], &[9.0; 4]])
            .gives(2, [21.5, 2100.25, 43.5, 4300.25]),
        Case::new("a gradient of weights by hand", Call::Matmul(Params { c_offset: 1, ..outer(2, 1, 2) }))
            .given(&[&[1.0, 2.0, 3.0, 4.0], &[10.0, 100.0], &[9.0, 9.0, 9.0]])
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
