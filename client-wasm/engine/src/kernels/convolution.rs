//! Kernels of convolutions: implicit GEMM over windows, forward and for both gradients.

pub mod conv2d;
pub mod conv2d_grad_x;
pub mod conv2d_grad_w;
