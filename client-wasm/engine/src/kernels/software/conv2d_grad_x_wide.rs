//! Conv2d backward, the gradient of the input, in registers: the same definition as [`crate::kernels::conv2d_grad_x`], laid out for groups of many on software adapters.

pub use super::conv2d_grad_x::{Params, bind, twin};
use super::{Call, Case, Kernel, conv2d_grad_x, grid};

/// The kernel as plain data.
pub const KERNEL: Kernel = Kernel {
    name: "conv2d_grad_x_wide",
    wgsl: wgsl!("conv2d_grad_x_wide" in "software" with "registers"),
    ..conv2d_grad_x::KERNEL
};

/// One invocation per sixteen channels of a group and sixteen entries of x.
pub fn workgroups(params: &Params) -> [u32; 3] {
    let groups = params.channels / params.group_channels.max(1);
    let columns = params.rows * params.height * params.width;
    grid(groups * params.group_channels.div_ceil(16) * columns.div_ceil(16), 4)
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    conv2d_grad_x::cases_of(Call::Conv2dGradXWide)
}
