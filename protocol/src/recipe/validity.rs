//! Validity: what makes no sense in a recipe, and what may not be what was meant, as typed values with their sentences.

mod rule;
mod stages;
mod together;
mod idle;
mod traps;

use serde::{Deserialize, Serialize};

use super::{RawRecipe, Recipe, Stage};
use crate::groups::Groups;
use crate::model::Model;
use crate::rules::Pruning;
use crate::schedules::{At, Budget, Reach};
use crate::settings::{OutOfRange, Setting, from};
pub use rule::Rule;

/// Something that is wrong with a recipe: which key, what was given, what is allowed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// A number out of its range.
    #[error("{0}")]
    Range(OutOfRange),
    /// Entries that do not go together.
    #[error("{key}: {rule}")]
    Rule {
        /// Where it stands.
        key: String,
        /// What is wrong.
        rule: Rule,
    },
}

impl Problem {
    /// A broken rule.
    pub fn rule(key: impl Into<String>, rule: Rule) -> Self {
        Self::Rule { key: key.into(), rule }
    }
}

/// What may not be what was meant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Warning {
    /// W1.
    #[error("stage {stage}: dead groups get no gradients, so {dynamics} with {criterion} brings none of them back")]
    NothingComesBack {
        /// The stage.
        stage: String,
        /// The dynamic.
        dynamics: String,
        /// The criterion.
        criterion: String,
    },
    /// W1 of those that come back by their gradients alone.
    #[error(
        "stage {stage}: {evidence} brings no gradients of dead groups, so that those with the lowest numbers come back"
    )]
    GrowsByNumber {
        /// The stage.
        stage: String,
        /// The evidence.
        evidence: String,
    },
    /// W2.
    #[error("the pattern {pattern} masks weights: it saves bytes, not time")]
    BytesNotTime {
        /// The pattern.
        pattern: String,
    },
    /// W3.
    #[error("stage {stage}: a centre holds out {percent} % of the data, which a centralised paper trains on")]
    CentreHoldsOut {
        /// The stage.
        stage: String,
        /// Percent held out.
        percent: f64,
    },
    /// W4.
    #[error("stage {stage}: the optimizer's memory of a dead weight lives on, so a weight that comes back may jump")]
    MemoryOfTheDead {
        /// The stage.
        stage: String,
    },
    /// W5.
    #[error(
        "stage {stage}: parts are not scaled up (rescale = false), so the whole sees larger sums than what was trained"
    )]
    PartsNotScaled {
        /// The stage.
        stage: String,
    },
    /// A mask that stays full.
    #[error("stage {stage}: no mask event of its {rounds} rounds drops anything")]
    NothingGoes {
        /// The stage.
        stage: String,
        /// Its rounds.
        rounds: u32,
    },
    /// W6.
    #[error(
        "stage {stage}: scores count what reads a group as well (over = \"all\"); published scores are over its own weights"
    )]
    ScoresOverAll {
        /// The stage.
        stage: String,
    },
}

/// A recipe as far as it could be understood.
pub(super) struct Draft<'a> {
    /// What was typed.
    pub(super) raw: &'a RawRecipe,
    /// Stages with nothing missing, by number.
    pub(super) stages: &'a [(usize, Stage)],
    /// The model and its groups, if it could be made.
    pub(super) model: Option<(&'a Model, &'a Groups)>,
}

impl<'a> Draft<'a> {
    /// Rows of groups and their form; none while there is no model.
    fn groups(&self) -> Option<&'a Groups> {
        self.model.map(|it| it.1)
    }

    /// What is pruned in each stage that prunes.
    fn masks(&self) -> impl Iterator<Item = &'a Pruning> {
        self.stages.iter().filter_map(|it| it.1.mask.as_ref())
    }

    /// Where a stage stands in the file; a flat recipe is its own stage.
    fn key(&self, at: usize) -> String {
        if self.raw.stage.is_empty() { String::new() } else { format!("stage[{at}]") }
    }
}

/// Everything that does not go together.
pub(super) fn problems(draft: &Draft<'_>) -> Vec<Problem> {
    let mut problems = vec![];
    stages::check(draft, &mut problems);
    together::check(draft, &mut problems);
    idle::check(draft, &mut problems);
    problems
}

/// What may not be what was meant.
pub(super) fn warnings(recipe: &Recipe) -> Vec<Warning> {
    traps::warnings(recipe)
}

/// A mask event: the level that it falls into, and what it asks for.
type Due = (u32, Budget);

/// The mask events of a stage; a schedule that waits for something is taken as if it had come. None where numbers are out
/// of range.
fn events(stage: &Stage) -> Vec<Due> {
    let Some(pruning) = &stage.mask else { return vec![] };
    let mut faults = vec![];
    pruning.schedule.check_all("", &mut faults);
    stage.rounds.check("", from(1.0).up_to(1e6), &mut faults);
    stage.repeat.check("", from(1.0).up_to(1e6 / f64::from(stage.rounds.max(1))), &mut faults);
    if !faults.is_empty() || pruning.schedule.reach() == Reach::Nowhere {
        return vec![];
    }
    let (levels, rounds) = (stage.repeat, stage.rounds);
    let places = (0..levels).flat_map(|level| (0..rounds).map(move |round| (level, round)));
    let due = places.map(|(level, round)| {
        let at = At { level, levels, round, rounds, above_chance: Some(f64::INFINITY) };
        (level, pruning.schedule.after(&at))
    });
    due.filter(|it| it.1 != Budget::Nothing).collect()
}

/// Whether an event may leave fewer groups than there are.
fn drops(event: &Due) -> bool {
    match event.1 {
        Budget::Nothing | Budget::Same => false,
        Budget::Keep(share) => share < 1.0,
        Budget::Drop { .. } | Budget::Free { .. } => true,
    }
}
