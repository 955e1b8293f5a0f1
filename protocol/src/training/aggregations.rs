//! Aggregations: how updates are combined.

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

/// How updates are combined, as data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Folding {
    /// Σ weight · Δ / Σ weight of all clients that count: a client that does not hold a coordinate counts with 0 there.
    ByAll,
    /// Σ weight · Δ / Σ weight of the clients that hold the coordinate.
    ByHolders {
        /// Smallest number of clients that must hold a coordinate; with fewer, the coordinate is not changed.
        at_least: u32,
    },
    /// All updates are stored until the round closes. Then each coordinate's values are sorted, this share of them is
    /// left out at either end, and the rest is averaged. One half gives the median.
    Sorted {
        /// The share left out at either end.
        trim: f64,
    },
}

/// Weights and combines updates.
pub trait Weigh {
    /// Weight of an update from this many samples, at least 1. Weights are integers, so that sums do not depend on
    /// arrival order.
    fn weight(&self, n_samples: u32) -> u32;

    /// How updates are combined.
    fn folding(&self) -> Folding;

    /// Whether this aggregation is for clients that train different parts of the model.
    fn is_for_parts(&self) -> bool {
        false
    }
}
