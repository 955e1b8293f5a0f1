//! Geometric: every event keeps the same share of the remaining groups.

use super::{At, Budget, Pace, Reach};
use crate::settings;

settings! {
    /// Every event keeps the same share of the remaining groups: `levels` equal factors down to `target_density`, one
    /// every `every` rounds from round `start` on, counted from the first round of the stage.
    pub struct Geometric {
        /// Share of all groups alive at the end.
        target_density: f64 [above(0.0).up_to(1.0)],
        /// Number of events.
        levels: u32 [from(1.0).up_to(10_000.0)],
        /// Round, from 0, after which the first event happens.
        start: u32 [from(0.0).up_to(1e6)] = 0,
        /// Rounds between events.
        every: u32 [from(1.0).up_to(10_000.0)] = 1,
    }
}

impl Pace for Geometric {
    fn after(&self, at: &At) -> Budget {
        let Some(since) = (at.done() - 1).checked_sub(self.start) else { return Budget::Nothing };
        let level = since / self.every + 1;
        if !since.is_multiple_of(self.every) || level > self.levels {
            return Budget::Nothing;
        }
        Budget::Keep(self.target_density.powf(f64::from(level) / f64::from(self.levels)))
    }

    fn reach(&self) -> Reach {
        Reach::Round(u64::from(self.start) + u64::from(self.levels.saturating_sub(1)) * u64::from(self.every))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::densities;
    use super::*;

    #[test]
    fn halves_in_equal_factors() {
        let pace = Geometric { target_density: 0.25, levels: 2, start: 1, every: 3 };
        assert_eq!(densities(&pace, 6), [1.0, 0.5, 0.5, 0.5, 0.25, 0.25]);
    }
}
