//! Accuracy: a stage ends once the model is accurate enough.

use super::{Seen, Stop};
use crate::settings;

settings! {
    /// The model is accurate enough in the last evaluated round. Not for topic models, which have no correct answers.
    pub struct Accuracy {
        /// Accuracy at which the stage ends.
        at_least: f64 [above(0.0).up_to(1.0)],
    }
}

impl Stop for Accuracy {
    fn is_reached(&self, past: &[Seen]) -> bool {
        let measured = past.iter().rev().find_map(|it| it.accuracy);
        measured.is_some_and(|it| it >= self.at_least)
    }

    fn needs_answers(&self) -> bool {
        true
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
