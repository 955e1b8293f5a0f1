//! Softmax with a workgroup per row: the same definition as [`super::softmax`], laid out for real GPUs.

pub use super::softmax::{Params, bind, twin};
use super::{Call, Case, Kernel, grid, softmax};

/// The kernel as plain data.
pub const KERNEL: Kernel =
    Kernel { name: "softmax_tiled", wgsl: wgsl!("softmax_tiled" with "total"), ..softmax::KERNEL };

/// One workgroup per row.
pub fn workgroups(params: &Params) -> [u32; 3] {
    grid(params.rows, 1)
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    softmax::cases_of(Call::SoftmaxTiled)
}
