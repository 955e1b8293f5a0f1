//! Kernels of matrix products: GEMM, and the column sums that are the gradient of a bias.

pub mod matmul;
pub mod channel_sum;
