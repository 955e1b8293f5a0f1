//! Accuracy: a stage ends once the model is good enough.

use serde::{Deserialize, Serialize};

use super::{Seen, Stop};

/// By the last round that was measured; never for a model without right answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accuracy {
    /// Share of right answers that ends the stage, above 0 and at most 1.
    pub at_least: f64,
}

impl Stop for Accuracy {
    fn is_reached(&self, past: &[Seen]) -> bool {
        let measured = past.iter().rev().find_map(|it| it.accuracy);
        measured.is_some_and(|it| it >= self.at_least)
    }

    fn problem(&self) -> Option<String> {
        let at_least = self.at_least;
        (!(at_least > 0.0 && at_least <= 1.0)).then(|| format!("at_least = {at_least} must be above 0 and at most 1"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_measurement_decides() {
        let measured = |accuracy| Seen { density: 1.0, change: 0.0, is_event: false, accuracy };
        let ends = |past: &[Option<f64>]| {
            let past: Vec<Seen> = past.iter().copied().map(measured).collect();
            Accuracy { at_least: 0.9 }.is_reached(&past)
        };
        assert!(ends(&[None, Some(0.9)]) && ends(&[Some(0.9), None]));
        assert!(!ends(&[Some(0.95), Some(0.89)]) && !ends(&[None, None]));
    }
}
