//! Ramp: density falls in equal steps over the whole stage.

use super::{At, Budget, Pace};
use crate::settings;

settings! {
    /// Density falls in `steps` equal steps over the whole stage (Lin et al. 2022, Federated Pruning: sparsify).
    pub struct Ramp {
        /// Share of all groups alive at the end.
        to: f64 [above(0.0).up_to(1.0)],
        /// Number of events.
        steps: u32 [from(1.0).up_to(1e6)],
    }
}

impl Ramp {
    /// Number of steps taken after `done` of `all` rounds.
    fn taken(&self, done: u32, all: u32) -> u32 {
        (u64::from(done.min(all)) * u64::from(self.steps) / u64::from(all.max(1))) as u32
    }
}

impl Pace for Ramp {
    fn after(&self, at: &At) -> Budget {
        let taken = self.taken(at.done(), at.all());
        if taken == self.taken(at.done() - 1, at.all()) {
            return Budget::Nothing;
        }
        if taken == self.steps {
            return Budget::Keep(self.to);
        }
        Budget::Keep(1.0 - (1.0 - self.to) * f64::from(taken) / f64::from(self.steps))
    }
}
