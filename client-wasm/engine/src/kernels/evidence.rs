//! Kernels of evidence: gradients and curvature gathered during training, from which groups are scored.

pub mod accumulate;
pub mod settle;
pub mod square;
pub mod cross_entropy_curvature;
