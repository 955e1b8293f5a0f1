//! Conv2d backward, the gradient of the weight, in registers: the same definition as [`crate::kernels::conv2d_grad_w`], laid out for groups of many on software adapters.

pub use super::conv2d_grad_w::{Params, bind, twin};
use super::{Call, Case, Kernel, conv2d_grad_w, grid};

/// The kernel as plain data.
pub const KERNEL: Kernel = Kernel {
    name: "conv2d_grad_w_wide",
    wgsl: wgsl!("conv2d_grad_w_wide" in "software" with "registers"),
    ..conv2d_grad_w::KERNEL
};

/// One invocation per sixteen filters of a group and sixteen taps.
pub fn workgroups(params: &Params) -> [u32; 3] {
    let groups = params.filters / params.group_filters.max(1);
    let columns = params.group_channels * params.size * params.size;
    grid(groups * params.group_filters.div_ceil(16) * columns.div_ceil(16), 4)
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    conv2d_grad_w::cases_of(Call::Conv2dGradWWide)
}
