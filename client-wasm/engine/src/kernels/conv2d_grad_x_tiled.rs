//! Conv2d backward, the gradient of the input, in workgroup memory: the same definition as [`super::conv2d_grad_x`], laid out for real GPUs.

pub use super::conv2d_grad_x::{Params, bind, twin};
use super::{Call, Case, Kernel, conv2d_grad_x};

/// The kernel as plain data.
pub const KERNEL: Kernel = Kernel {
    name: "conv2d_grad_x_tiled",
    wgsl: wgsl!("conv2d_grad_x_tiled" with "workgroup"),
    ..conv2d_grad_x::KERNEL
};

/// One workgroup per 64 channels of a group and 64 entries of x.
pub fn workgroups(params: &Params) -> [u32; 3] {
    let groups = params.channels / params.group_channels.max(1);
    let columns = params.rows * params.height * params.width;
    [columns.div_ceil(64), params.group_channels.div_ceil(64), groups]
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    conv2d_grad_x::cases_of(Call::Conv2dGradXTiled)
}
