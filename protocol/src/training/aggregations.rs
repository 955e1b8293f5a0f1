//! Aggregations: how updates become one.

pub mod mean;
pub mod by_all;
pub mod by_holders;
pub mod median;
pub mod trimmed_mean;

use crate::registry;

registry! {
    /// How the coordinator combines updates.
    pub enum Aggregation: Weigh {
        "mean" => mean::Mean,
        "by_all" => by_all::ByAll,
        "by_holders" => by_holders::ByHolders,
        "median" => median::Median,
        "trimmed_mean" => trimmed_mean::TrimmedMean,
    }
}

/// How updates are folded, as data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Folding {
    /// Σ weight · Δ by Σ weight of everyone counted: who does not hold a coordinate counts for 0 there.
    ByAll,
    /// Σ weight · Δ by Σ weight of those who hold the coordinate.
    ByHolders {
        /// Clients that must hold it; below, it stays.
        at_least: u32,
    },
    /// All updates are kept until the round closes, then each coordinate's values are sorted and this share of them left out
    /// at either end; of what is left, the mean. One half is the median.
    Sorted {
        /// The share.
        trim: f64,
    },
}

/// How much each update counts, and how.
pub trait Weigh {
    /// Weight of an update from this many samples, at least 1: integers, so that sums do not depend on arrival order.
    fn weight(&self, n_samples: u32) -> u32;

    /// How updates are folded.
    fn folding(&self) -> Folding;

    /// Whether it is for clients that train different parts of the model.
    fn is_for_parts(&self) -> bool {
        false
    }
}
