//! Kernels for software adapters alone: forms of others with large tiles in registers and no barriers.

use super::{Call, Case, Kernel, conv2d, conv2d_grad_w, conv2d_grad_x, grid};

pub mod conv2d_wide;
pub mod conv2d_grad_x_wide;
pub mod conv2d_grad_w_wide;
