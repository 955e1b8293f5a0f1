//! Kernels of norms: batch norm over rows, layer norm within a row.

pub mod batch_norm_stats;
pub mod batch_norm_frozen;
pub mod batch_norm;
pub mod batch_norm_sums;
pub mod batch_norm_grad;
pub mod layer_norm;
pub mod layer_norm_grad;
pub mod layer_norm_grad_w;
