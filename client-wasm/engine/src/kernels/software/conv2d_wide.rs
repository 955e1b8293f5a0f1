//! Conv2d in registers: the same definition as [`crate::kernels::conv2d`], laid out for groups of many on software adapters.

pub use super::conv2d::{Params, bind, twin};
use super::{Call, Case, Kernel, conv2d, grid};

/// The kernel as plain data.
pub const KERNEL: Kernel =
    Kernel { name: "conv2d_wide", wgsl: wgsl!("conv2d_wide" in "software" with "registers"), ..conv2d::KERNEL };

/// One invocation per sixteen filters of a group and sixteen places.
pub fn workgroups(params: &Params) -> [u32; 3] {
    let groups = params.filters / params.group_filters.max(1);
    let columns = params.rows * params.places_down * params.places_across;
    grid(groups * params.group_filters.div_ceil(16) * columns.div_ceil(16), 4)
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    conv2d::cases_of(Call::Conv2dWide)
}
