//! Untils: conditions that end a stage early.

pub mod never;
pub mod settled;
pub mod density;
pub mod accuracy;

use crate::registry;

registry! {
    /// Condition that ends a stage early.
    pub enum Until: Stop {
        "never" => never::Never,
        "settled" => settled::Settled,
        "density" => density::Density,
        "accuracy" => accuracy::Accuracy,
    }
}

/// The result of a committed round, as input of the condition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// Share of groups alive after the round, 0 to 1.
    pub density: f64,
    /// Share of groups whose bit the round changed, 0 to 1; 0 for rounds without a mask event.
    pub change: f64,
    /// Whether the round ended in a mask event, even if no group changed.
    pub is_event: bool,
    /// Accuracy, 0 to 1, where it was measured and the model has correct answers.
    pub accuracy: Option<f64>,
}

/// Decides whether a stage ends early.
pub trait Stop {
    /// Whether the stage is over, given its rounds so far, oldest first.
    fn is_reached(&self, past: &[Seen]) -> bool;

    /// Whether this condition can end a stage early.
    fn ends_early(&self) -> bool {
        true
    }

    /// Smallest number of mask events before this condition can be met.
    fn least_events(&self) -> u32 {
        0
    }

    /// Whether this condition needs accuracy, which topic models do not have.
    fn needs_answers(&self) -> bool {
        false
    }

    /// Number of recent mask events that this condition needs. Of other rounds, every condition needs the latest round
    /// and the latest evaluated one.
    fn looks_back(&self) -> u32 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choices::Change;
    use crate::settings::problems;

    fn read(text: &str) -> Until {
        serde_json::from_str(text).expect("an until")
    }

    fn every() -> [Until; 4] {
        [
            r#"{"kind": "never"}"#,
            r#"{"kind": "settled", "change": 0.1, "times": 5}"#,
            r#"{"kind": "density", "below": 0.2}"#,
            r#"{"kind": "accuracy", "at_least": 0.9}"#,
        ]
        .map(read)
    }

    #[test]
    fn every_entry_is_held_to_the_contract() {
        assert_eq!(every().map(|it| it.name()), Until::NAMES);
        assert!(every().iter().all(|it| problems(it).is_empty()));
    }

    #[test]
    fn a_stage_without_rounds_is_not_over() {
        assert!(every().iter().all(|it| !it.is_reached(&[])));
    }

    #[test]
    fn only_the_right_until_ends_a_stage() {
        let round = Seen { density: 1.0, change: 0.0, is_event: false, accuracy: None };
        let settled = vec![Seen { is_event: true, ..round }; 5];
        let thin = vec![Seen { density: 0.1, ..round }];
        let good = vec![Seen { accuracy: Some(0.95), ..round }];
        let ended = |past: &Vec<Seen>| every().map(|it| it.is_reached(past));
        assert_eq!(ended(&settled), [false, true, false, false]);
        assert_eq!(ended(&thin), [false, false, true, false]);
        assert_eq!(ended(&good), [false, false, false, true]);
    }

    #[test]
    fn what_is_out_of_range_is_named_with_what_is_allowed() {
        for (text, problem) in [
            (r#"{"kind": "settled", "change": 1.0, "times": 5}"#, "change = 1 must be at least 0 and below 1"),
            (r#"{"kind": "settled", "change": -0.1, "times": 5}"#, "change = -0.1 must be at least 0 and below 1"),
            (r#"{"kind": "settled", "change": 0.1, "times": 0}"#, "times = 0 must be from 1 to 10000"),
            (r#"{"kind": "density", "below": 0.0}"#, "below = 0 must be above 0 and at most 1"),
            (r#"{"kind": "density", "below": 1.5}"#, "below = 1.5 must be above 0 and at most 1"),
            (r#"{"kind": "accuracy", "at_least": 0.0}"#, "at_least = 0 must be above 0 and at most 1"),
        ] {
            assert_eq!(problems(&read(text)), [problem]);
        }
        assert_eq!(problems(&density::Density { below: f64::NAN }).len(), 1);
        assert_eq!(problems(&settled::Settled { change: f64::NAN, times: 1, of: Change::Groups }).len(), 1);
    }
}
