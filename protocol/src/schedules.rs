//! Schedules: after which rounds the mask changes, and how many groups are alive afterwards.

pub mod never;
pub mod once;
pub mod level;
pub mod geometric;
pub mod linear;
pub mod ramp;
pub mod hold;
pub mod free;

use crate::choices::Of;
use crate::registry;

registry! {
    /// When the mask changes, and how far density falls.
    pub enum Schedule: Pace {
        "never" => never::Never,
        "once" => once::Once,
        "level" => level::Level,
        "geometric" => geometric::Geometric,
        "linear" => linear::Linear,
        "ramp" => ramp::Ramp,
        "hold" => hold::Hold,
        "free" => free::Free,
    }
}

/// Position of a round in its stage, in the recipe's numbering.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct At {
    /// Number of the stage's repetition, from 0.
    pub level: u32,
    /// Number of repetitions.
    pub levels: u32,
    /// Number of the round in its repetition, from 0.
    pub round: u32,
    /// Rounds per repetition.
    pub rounds: u32,
    /// Accuracy of the latest known model relative to chance: accuracy times number of classes; `None` when unknown.
    pub above_chance: Option<f64>,
}

impl At {
    /// Number of rounds of the stage up to and including this one, over all levels.
    pub fn done(&self) -> u32 {
        self.level * self.rounds + self.round + 1
    }

    /// Number of rounds of the stage, over all levels.
    pub fn all(&self) -> u32 {
        self.levels * self.rounds
    }

    /// Whether this is the last round of a level.
    pub fn ends_level(&self) -> bool {
        self.round + 1 == self.rounds
    }

    /// Whether this is the last round of the stage.
    pub fn ends_stage(&self) -> bool {
        self.done() == self.all()
    }
}

/// Budget of a mask event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Budget {
    /// No event.
    Nothing,
    /// This share of all groups is alive after the event.
    Keep(f64),
    /// The number of living groups stays the same.
    Same,
    /// A share of the groups is dropped.
    Drop {
        /// The share; `None` where the scope sets it.
        share: Option<f64>,
        /// Total that the share refers to.
        of: Of,
        /// Number of such events so far, this one included.
        nth: u32,
    },
    /// The scope finds the density, up to an optional cap.
    Free {
        /// Largest share of all groups that may be alive.
        cap: Option<f64>,
    },
}

/// How a schedule counts rounds; determines how it adapts to a stage that is shorter or longer than in the recipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The schedule has no events.
    Nowhere,
    /// Every level ends with an event, however long the level is.
    Level,
    /// Events are spread over the stage, however long the stage is.
    Stage,
    /// Events have fixed round numbers, from the first round of the stage up to this round.
    Round(u64),
    /// Events have fixed round numbers, without an end.
    Endless,
}

/// Decides how density falls over a stage.
pub trait Pace {
    /// Budget of the mask event after this round.
    fn after(&self, at: &At) -> Budget;

    /// How this schedule counts rounds.
    fn reach(&self) -> Reach {
        Reach::Stage
    }

    /// Whether this schedule has no target density, so that the scope finds one.
    fn is_free(&self) -> bool {
        false
    }

    /// Whether this schedule waits for an accuracy, which topic models do not have.
    fn needs_answers(&self) -> bool {
        false
    }

    /// Whether this schedule drops a share that the scope sets.
    fn leaves_share_to_scope(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Budgets after every round of a stage of one level.
    pub(super) fn budgets(pace: &dyn Pace, rounds: u32) -> Vec<Budget> {
        let at = |round| At { level: 0, levels: 1, round, rounds, above_chance: None };
        (0..rounds).map(|it| pace.after(&at(it))).collect()
    }

    /// Densities after every round, for schedules that set densities; without an event the last density stays.
    pub(super) fn densities(pace: &dyn Pace, rounds: u32) -> Vec<f64> {
        let mut density = 1.0;
        let after = |it: Budget| {
            if let Budget::Keep(share) = it {
                density = share;
            }
            density
        };
        budgets(pace, rounds).into_iter().map(after).collect()
    }

    fn read(text: &str) -> Schedule {
        serde_json::from_str(text).expect("a schedule")
    }

    fn close(got: f64, expected: f64) -> bool {
        (got - expected).abs() < 1e-12
    }

    #[test]
    fn normal_prune_falls_over_the_whole_stage() {
        let normal = densities(&*read(r#"{"kind":"linear","to":0.2,"until":1.0}"#), 20);
        assert!(close(normal[9], 0.6), "60 of 100 after ten rounds");
        assert!(close(normal[19], 0.2));
        // By default the final density is reached one event early, so that it is trained too.
        let default = densities(&*read(r#"{"kind":"linear","to":0.2}"#), 20);
        assert!(close(default[18], 0.2) && close(default[19], 0.2) && default[17] > 0.2);
        let every_fifth = densities(&*read(r#"{"kind":"linear","to":0.2,"every":5}"#), 20);
        assert!(close(every_fifth[14], 0.2) && close(every_fifth[4], 1.0 - 0.8 / 3.0), "{every_fifth:?}");
    }

    #[test]
    fn fast_prune_falls_early() {
        let fast = densities(&*read(r#"{"kind":"linear","to":0.2,"until":0.2}"#), 20);
        assert!(close(fast[1], 0.6) && close(fast[3], 0.2));
        let later = &budgets(&*read(r#"{"kind":"linear","to":0.2,"until":0.2}"#), 20)[4..];
        assert!(later.iter().all(|it| *it == Budget::Nothing), "constant from then on");
    }

    #[test]
    fn iterative_magnitude_prunes_twenty_times_in_the_first_half() {
        // 20 equally spaced prunings in the first half of 400 rounds: the first after round 10, none after 200.
        let events: Vec<u32> =
            budgets(&*read(r#"{"kind":"geometric","target_density":0.1,"levels":20,"start":9,"every":10}"#), 400)
                .iter()
                .zip(0..)
                .filter(|it| *it.0 != Budget::Nothing)
                .map(|it| it.1 + 1)
                .collect();
        assert_eq!((events.len(), events[0], events[19]), (20, 10, 200));
    }

    #[test]
    fn a_ramp_rises_in_equal_steps() {
        let ramp = densities(&*read(r#"{"kind":"ramp","to":0.5,"steps":5}"#), 10);
        assert_eq!(
            ramp.iter().map(|it| (it * 10.0).round() as u32).collect::<Vec<_>>(),
            [10, 9, 9, 8, 8, 7, 7, 6, 6, 5]
        );
    }

    #[test]
    fn a_cap_falls_in_a_line() {
        let free = budgets(&*read(r#"{"kind":"free","every":1,"cap_from":0.5,"cap_to":0.2}"#), 3);
        let caps: Vec<f64> =
            free.iter().map(|it| if let Budget::Free { cap: Some(cap) } = it { *cap } else { f64::NAN }).collect();
        assert!(close(caps[0], 0.4) && close(caps[1], 0.3) && close(caps[2], 0.2), "{caps:?}");
    }

    #[test]
    fn a_free_schedule_waits_until_it_is_armed() {
        let free = read(r#"{"kind":"free","every":2,"armed":1.5}"#);
        let at = |above_chance| At { level: 0, levels: 1, round: 1, rounds: 9, above_chance };
        assert_eq!(free.after(&at(None)), Budget::Nothing);
        assert_eq!(free.after(&at(Some(1.4))), Budget::Nothing);
        assert_eq!(free.after(&at(Some(1.5))), Budget::Free { cap: None });
    }

    #[test]
    fn levels_end_with_an_event_and_the_first_ones_may_drop_nothing() {
        let level = read(r#"{"kind":"level","drop":0.1,"first":1}"#);
        let at = |level, round| At { level, levels: 3, round, rounds: 2, above_chance: None };
        assert_eq!(level.after(&at(0, 1)), Budget::Same);
        assert_eq!(level.after(&at(1, 0)), Budget::Nothing);
        assert_eq!(level.after(&at(2, 1)), Budget::Drop { share: Some(0.1), of: Of::Remaining, nth: 2 });
    }

    #[test]
    fn once_is_at_the_end_and_never_is_never() {
        assert_eq!(
            budgets(&*read(r#"{"kind":"once","keep":0.05}"#), 3),
            [Budget::Nothing, Budget::Nothing, Budget::Keep(0.05)]
        );
        assert!(budgets(&*read(r#"{"kind":"never"}"#), 3).iter().all(|it| *it == Budget::Nothing));
    }

    #[test]
    fn holding_comes_round_after_round() {
        let hold = budgets(&*read(r#"{"kind":"hold","every":2}"#), 4);
        assert_eq!(hold, [Budget::Nothing, Budget::Same, Budget::Nothing, Budget::Same]);
        assert_eq!(budgets(&*read(r#"{"kind":"hold","keep":0.75}"#), 1), [Budget::Keep(0.75)]);
    }
}
