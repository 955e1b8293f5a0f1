//! Kernels of class losses, and of the totals of loss and accuracy.

pub mod cross_entropy;
pub mod binary_cross_entropy;
pub mod tally;
