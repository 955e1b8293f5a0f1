//! Kernels of descent: optimizer steps, and masks that hold weights at 0.

pub mod sgd;
pub mod momentum;
pub mod bias_correction;
pub mod adam;
pub mod mask;
