//! Max pool backward where windows lie apart: the same definition as [`super::max_pool_grad`], place by place.

pub use super::max_pool_grad::{Params, bind, twin};
use super::{Call, Case, Kernel, grid, max_pool_grad};

/// The kernel as plain data.
pub const KERNEL: Kernel =
    Kernel { name: "max_pool_grad_apart", wgsl: wgsl!("max_pool_grad_apart"), ..max_pool_grad::KERNEL };

/// Whether no entry is under two windows, and no window beyond an edge.
pub fn fits(params: &Params) -> bool {
    params.stride >= params.size && params.padding == 0
}

/// One invocation per place.
pub fn workgroups(params: &Params) -> [u32; 3] {
    grid(params.y_len() as u32, 64)
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    max_pool_grad::cases_of(Call::MaxPoolGradApart, fits)
}
