//! Kernels of activations: functions of one entry, with their derivatives.

pub mod relu;
pub mod relu_grad;
pub mod softplus;
pub mod softplus_grad;
pub mod swish;
pub mod swish_grad;
