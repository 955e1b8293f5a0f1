//! Conv2d backward, the gradient of the weight, in workgroup memory: the same definition as [`super::conv2d_grad_w`], laid out for real GPUs.

pub use super::conv2d_grad_w::{Params, bind, twin};
use super::{Call, Case, Kernel, conv2d_grad_w};

/// The kernel as plain data.
pub const KERNEL: Kernel =
    Kernel { name: "conv2d_grad_w_tiled", wgsl: wgsl!("conv2d_grad_w_tiled" with "slices"), ..conv2d_grad_w::KERNEL };

/// One workgroup per sixteen filters of a group and sixteen taps.
pub fn workgroups(params: &Params) -> [u32; 3] {
    let groups = params.filters / params.group_filters.max(1);
    let columns = params.group_channels * params.size * params.size;
    [columns.div_ceil(16), params.group_filters.div_ceil(16), groups]
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    conv2d_grad_w::cases_of(Call::Conv2dGradWTiled)
}
