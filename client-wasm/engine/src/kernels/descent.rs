//! Kernels of the descent: what optimizers do with gradients, and masks that hold weights at 0.

pub mod sgd;
pub mod momentum;
pub mod bias_correction;
pub mod adam;
pub mod mask;
