//! Validity: what is invalid in a recipe, and what may be unintended, as typed values with a sentence each.

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

/// A fault of a recipe: which key, which value, what is allowed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// A number out of range.
    #[error("{0}")]
    Range(OutOfRange),
    /// Values that are incompatible.
    #[error("{key}: {rule}")]
    Rule {
        /// Key at which the problem lies.
        key: String,
        /// The broken rule.
        rule: Rule,
    },
}

impl Problem {
    /// A broken rule.
    pub fn rule(key: impl Into<String>, rule: Rule) -> Self {
        Self::Rule { key: key.into(), rule }
    }
}

/// A valid choice that may be unintended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Warning {
    /// W1: no group can come back.
    #[error("stage {stage}: dead groups have no gradients, so {dynamics} with {criterion} brings none of them back")]
    NothingComesBack {
        /// Name of the stage.
        stage: String,
        /// Name of the dynamic.
        dynamics: String,
        /// Name of the criterion.
        criterion: String,
    },
    /// W1, for groups that come back by their gradients alone.
    #[error(
        "stage {stage}: {evidence} brings no gradients of dead groups, so that those with the lowest numbers come back"
    )]
    GrowsByNumber {
        /// Name of the stage.
        stage: String,
        /// Name of the evidence.
        evidence: String,
    },
    /// W2: pruning saves bytes, not time.
    #[error("the pattern {pattern} masks weights: it saves bytes, not time")]
    BytesNotTime {
        /// Name of the pattern.
        pattern: String,
    },
    /// W3: the centre trains on less than all data.
    #[error(
        "stage {stage}: the centre holds out {percent} % of the data; published centralised results train on all of \
         it"
    )]
    CentreHoldsOut {
        /// Name of the stage.
        stage: String,
        /// Percentage of the data that is held out.
        percent: f64,
    },
    /// W4: the optimizer keeps the state of dead weights.
    #[error("stage {stage}: the optimizer keeps its state for dead weights, so a weight that comes back may jump")]
    MemoryOfTheDead {
        /// Name of the stage.
        stage: String,
    },
    /// W5: the whole model sees larger sums than its parts.
    #[error(
        "stage {stage}: parts are not scaled up (rescale = false), so the whole model sees larger sums than the \
         trained parts"
    )]
    PartsNotScaled {
        /// Name of the stage.
        stage: String,
    },
    /// The mask of the stage stays full.
    #[error("stage {stage}: no mask event in its {rounds} rounds drops any group")]
    NothingGoes {
        /// Name of the stage.
        stage: String,
        /// Number of rounds of the stage.
        rounds: u32,
    },
    /// W6: scores include the weights that read a group.
    #[error(
        "stage {stage}: scores include the next layer's weights (over = \"all\"); published scores use a group's own \
         weights"
    )]
    ScoresOverAll {
        /// Name of the stage.
        stage: String,
    },
}

/// A recipe under validation.
pub(super) struct Draft<'a> {
    /// The recipe as written.
    pub(super) raw: &'a RawRecipe,
    /// Complete stages, by number.
    pub(super) stages: &'a [(usize, Stage)],
    /// The model and its groups, if the model is valid.
    pub(super) model: Option<(&'a Model, &'a Groups)>,
}

impl<'a> Draft<'a> {
    /// The groups; `None` while there is no valid model.
    fn groups(&self) -> Option<&'a Groups> {
        self.model.map(|it| it.1)
    }

    /// Pruning of each stage that prunes.
    fn masks(&self) -> impl Iterator<Item = &'a Pruning> {
        self.stages.iter().filter_map(|it| it.1.mask.as_ref())
    }

    /// Key of a stage in the file; a flat recipe is its own stage.
    fn key(&self, at: usize) -> String {
        if self.raw.stage.is_empty() { String::new() } else { format!("stage[{at}]") }
    }
}

/// All problems of a recipe.
pub(super) fn problems(draft: &Draft<'_>) -> Vec<Problem> {
    let mut problems = vec![];
    stages::check(draft, &mut problems);
    together::check(draft, &mut problems);
    idle::check(draft, &mut problems);
    problems
}

/// All warnings about a recipe.
pub(super) fn warnings(recipe: &Recipe) -> Vec<Warning> {
    traps::warnings(recipe)
}

/// A mask event: its level and its budget.
type Due = (u32, Budget);

/// The mask events of a stage; a schedule that waits for a condition counts as if the condition were met. Empty where
/// numbers are out of range.
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

/// Whether an event may drop groups.
fn drops(event: &Due) -> bool {
    match event.1 {
        Budget::Nothing | Budget::Same => false,
        Budget::Keep(share) => share < 1.0,
        Budget::Drop { .. } | Budget::Free { .. } => true,
    }
}
