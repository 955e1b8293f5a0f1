//! Aggregations: how updates become one.

pub mod mean;

use crate::registry;

registry! {
    /// How the coordinator combines updates.
    pub enum Aggregation: Weigh { "mean" => mean::Mean, }
}

/// How much each update counts.
pub trait Weigh {
    /// Weight of an update from this many samples, at least 1: integers, so that sums do not depend on arrival order.
    fn weight(&self, n_samples: u32) -> u32;
}
