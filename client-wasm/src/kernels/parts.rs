//! Kernels of parts: what a model needs that is drawn anew every round.

use super::{Call, Case, by_entries};

pub mod rescale;
