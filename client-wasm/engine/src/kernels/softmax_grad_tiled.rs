//! Softmax backward with a workgroup per row: the same definition as [`super::softmax_grad`], laid out for real GPUs.

pub use super::softmax_grad::{Params, bind, twin};
use super::{Call, Case, Kernel, grid, softmax_grad};

/// The kernel as plain data.
pub const KERNEL: Kernel =
    Kernel { name: "softmax_grad_tiled", wgsl: wgsl!("softmax_grad_tiled" with "total"), ..softmax_grad::KERNEL };

/// One workgroup per row.
pub fn workgroups(params: &Params) -> [u32; 3] {
    grid(params.rows, 1)
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    softmax_grad::cases_of(Call::SoftmaxGradTiled)
}
