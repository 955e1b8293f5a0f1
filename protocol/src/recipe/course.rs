//! The course: how many rounds each stage takes in a session, and the position of a round.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{Recipe, Stage};
use crate::schedules::{At, Budget, Reach};

/// Position of a round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Number of the stage, from 0.
    pub stage: u16,
    /// Number of the stage's repetition (level), from 0.
    pub level: u32,
    /// Number of the round within the level, from 0.
    pub round: u32,
}

/// Length of a stage in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Length {
    /// Rounds per repetition.
    pub rounds: u32,
    /// Number of repetitions, from the first, with one extra round.
    pub longer: u32,
    /// Number of repetitions.
    pub repeat: u32,
}

impl Length {
    /// Distributes rounds as evenly as possible over repetitions; over fewer repetitions where there are not enough
    /// rounds.
    fn over(rounds: u32, repeat: u32) -> Self {
        let repeat = repeat.min(rounds).max(1);
        Self { rounds: rounds / repeat, longer: rounds % repeat, repeat }
    }

    /// Rounds of this repetition.
    pub fn of_level(self, level: u32) -> u32 {
        self.rounds + u32::from(level < self.longer)
    }

    /// Rounds before this repetition.
    fn before(self, level: u32) -> u32 {
        level * self.rounds + level.min(self.longer)
    }

    /// Rounds of all repetitions.
    pub fn total(self) -> u32 {
        self.before(self.repeat)
    }
}

/// Lengths of all stages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    lengths: Vec<Length>,
}

/// Fewest levels to which a repeating stage is shortened.
const LEAST_LEVELS: u32 = 2;

impl Course {
    /// The stages at the recipe's own lengths.
    pub fn whole(recipe: &Recipe) -> Self {
        Self { lengths: recipe.stages().iter().map(|it| Length::over(it.rounds * it.repeat, it.repeat)).collect() }
    }

    /// The stages at their shortest: one round each; for a repeating stage, one round for each of two levels, or of as
    /// many levels as are needed until one prunes.
    pub fn least(recipe: &Recipe) -> Self {
        Self { lengths: recipe.stages().iter().map(least_levels).map(|it| Length::over(it, it)).collect() }
    }

    /// The stages at lengths that add up to `rounds`. Stages are shortened in proportion, first the levels' length,
    /// then their number; in a longer session the last stage is longer. Where `rounds` is below the shortest course,
    /// the shortest course is used.
    pub fn of(recipe: &Recipe, rounds: u32) -> Self {
        let (mut whole, least) = (Self::whole(recipe), Self::least(recipe));
        let total = whole.total();
        if rounds <= least.total() {
            return least;
        }
        if let Some(by) = rounds.checked_sub(total) {
            let last = whole.lengths.last_mut().expect("a recipe has a stage");
            *last = Length::over(last.total() + by, last.repeat);
            return whole;
        }
        let totals = |it: &Self| it.lengths.iter().map(|it| it.total()).collect::<Vec<_>>();
        let shares = in_proportion(&totals(&whole), &totals(&least), rounds);
        let length = |(share, whole): (u32, &Length)| Length::over(share, whole.repeat);
        Self { lengths: shares.into_iter().zip(&whole.lengths).map(length).collect() }
    }

    /// Rounds of all stages, if no stage ends early.
    pub fn total(&self) -> u32 {
        self.lengths.iter().map(|it| it.total()).sum()
    }

    /// Length of each stage.
    pub fn lengths(&self) -> &[Length] {
        &self.lengths
    }

    /// Length of one stage.
    pub fn length(&self, stage: u16) -> Length {
        self.lengths.get(usize::from(stage)).copied().unwrap_or(Length::over(1, 1))
    }

    /// Whether the course has a round at this place.
    pub fn has(&self, place: Place) -> bool {
        usize::from(place.stage) < self.lengths.len()
    }

    /// The place after this one.
    pub fn after(&self, place: Place) -> Place {
        if !self.ends_level(place) {
            return Place { round: place.round + 1, ..place };
        }
        if !self.ends_stage(place) {
            return Place { level: place.level + 1, round: 0, ..place };
        }
        self.after_stage(place)
    }

    /// The first place after the stage of this one.
    pub fn after_stage(&self, place: Place) -> Place {
        Place { stage: place.stage + 1, level: 0, round: 0 }
    }

    /// Whether this is the last round of its level.
    pub fn ends_level(&self, place: Place) -> bool {
        place.round + 1 >= self.length(place.stage).of_level(place.level)
    }

    /// Whether this is the last round of its stage.
    pub fn ends_stage(&self, place: Place) -> bool {
        self.ends_level(place) && place.level + 1 >= self.length(place.stage).repeat
    }

    /// Number of rounds of the stage before this one.
    pub fn rounds_into_stage(&self, place: Place) -> u32 {
        self.length(place.stage).before(place.level) + place.round
    }

    /// Budget of the mask event after a round. In a stage that is shorter or longer than in the recipe, a round stands
    /// for several of the recipe's rounds, and the last event among those counts.
    pub fn budget(&self, recipe: &Recipe, place: Place, above_chance: Option<f64>) -> Budget {
        let stage = recipe.stage(place.stage);
        let Some(pruning) = &stage.mask else { return Budget::Nothing };
        let (rounds, levels) = self.stands_for(stage, pruning.schedule.reach(), place);
        let at = |round: u64| {
            let (level, round) = ((round / u64::from(stage.rounds)) as u32, (round % u64::from(stage.rounds)) as u32);
            At { level, levels, round, rounds: stage.rounds, above_chance }
        };
        let mut events = rounds.rev().map(|it| pruning.schedule.after(&at(it)));
        events.find(|it| *it != Budget::Nothing).unwrap_or(Budget::Nothing)
    }

    /// The recipe's rounds that a round of this session stands for, over all levels of the stage, and the number of
    /// levels.
    fn stands_for(&self, stage: &Stage, reach: Reach, place: Place) -> (Range<u64>, u32) {
        let length = self.length(place.stage);
        let (round, all) = (u64::from(self.rounds_into_stage(place)), u64::from(length.total()));
        let whole = u64::from(stage.rounds) * u64::from(stage.repeat);
        let as_it_is = round..round + 1;
        let of_stage = || within(round, all, whole);
        let rounds = match reach {
            Reach::Nowhere => round..round,
            Reach::Level => {
                let of_level = within(place.round.into(), length.of_level(place.level).into(), stage.rounds.into());
                let before = u64::from(place.level) * u64::from(stage.rounds);
                return (before + of_level.start..before + of_level.end, length.repeat);
            }
            Reach::Stage => of_stage(),
            Reach::Round(last) if last < all || all >= whole => as_it_is,
            Reach::Endless if all >= whole => as_it_is,
            Reach::Round(_) | Reach::Endless => of_stage(),
        };
        (rounds, stage.repeat)
    }
}

/// The rounds of `whole` that round `round` of `all` stands for: each one belongs to exactly one round.
fn within(round: u64, all: u64, whole: u64) -> Range<u64> {
    round * whole / all..(round + 1) * whole / all
}

/// Fewest levels that a stage can have.
fn least_levels(stage: &Stage) -> u32 {
    let least = LEAST_LEVELS.min(stage.repeat);
    let Some(pruning) = stage.mask.as_ref().filter(|it| it.schedule.reach() == Reach::Level) else { return least };
    let end =
        |level| At { level, levels: stage.repeat, round: stage.rounds - 1, rounds: stage.rounds, above_chance: None };
    let drops = |level: &u32| !matches!(pruning.schedule.after(&end(*level)), Budget::Nothing | Budget::Same);
    (0..stage.repeat).find(drops).map_or(least, |it| least.max(it + 1))
}

/// Divides `rounds` in proportion to `whole`, each share at least its `least`: shares are rounded down, then adjusted
/// one by one where the share is farthest from the exact proportion.
fn in_proportion(whole: &[u32], least: &[u32], rounds: u32) -> Vec<u32> {
    let total: i64 = whole.iter().map(|it| i64::from(*it)).sum();
    let due = |at: usize| i64::from(whole[at]) * i64::from(rounds);
    let mut shares: Vec<u32> = (0..whole.len()).map(|it| least[it].max((due(it) / total) as u32)).collect();
    loop {
        let missing = |at: &usize| due(*at) - i64::from(shares[*at]) * total;
        let sum: u32 = shares.iter().sum();
        if sum < rounds {
            let at = (0..whole.len()).rev().max_by_key(missing).expect("a recipe has a stage");
            shares[at] += 1;
        } else if sum > rounds {
            let longer = (0..whole.len()).filter(|it| shares[*it] > least[*it]);
            let at = longer.rev().min_by_key(missing).expect("the shares add up to more than the least");
            shares[at] -= 1;
        } else {
            return shares;
        }
    }
}
