//! Kernels of pools: the maximum or mean of a window or of a whole plane.

pub mod max_pool;
pub mod max_pool_grad;
pub mod average_pool;
pub mod average_pool_grad;
pub mod global_pool;
pub mod global_pool_grad;
