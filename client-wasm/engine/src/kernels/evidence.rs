//! Kernels of evidence: what is gathered of gradients and curvature beside training, for whoever decides what to prune.

use super::{Call, Case, by_entries, cross_entropy, grid};

pub mod accumulate;
pub mod settle;
pub mod square;
pub mod cross_entropy_curvature;
