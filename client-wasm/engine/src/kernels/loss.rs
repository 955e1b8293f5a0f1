//! Kernels of class losses, and the tally of what they say.

pub mod cross_entropy;
pub mod binary_cross_entropy;
pub mod tally;
