//! Density: a stage ends once few enough groups are alive.

use serde::{Deserialize, Serialize};

use super::{Seen, Stop};

/// For schedules that have no target of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Density {
    /// Share of groups alive that ends the stage when fewer are, above 0 and at most 1.
    pub below: f64,
}

impl Stop for Density {
    fn is_reached(&self, past: &[Seen]) -> bool {
        past.last().is_some_and(|it| it.density < self.below)
    }

    fn problem(&self) -> Option<String> {
        let below = self.below;
        (!(below > 0.0 && below <= 1.0)).then(|| format!("below = {below} must be above 0 and at most 1"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_round_must_be_below_and_not_at_it() {
        let at = |density| Seen { density, change: 0.0, is_event: true, accuracy: None };
        let ends = |past: &[Seen]| Density { below: 0.25 }.is_reached(past);
        assert_eq!([ends(&[at(0.25)]), ends(&[at(0.24)])], [false, true]);
        assert!(!ends(&[at(0.2), at(0.3)]), "groups that came back count");
    }
}
