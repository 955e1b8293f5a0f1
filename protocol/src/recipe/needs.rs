//! Needs: what travels in a round and what is stored between rounds, derived from the recipe and never declared.

use super::{Course, Place, Recipe};
use crate::afterwards::Origin;
use crate::choices::{Draw, Grain, Moment};
use crate::evidence::{Occasion, Sending, Source};
use crate::local::Work;
use crate::prune;
use crate::rules::Pruning;
use crate::schedules::Budget;

/// What one round needs: plan, judge, commit and `explain` all read this value.
#[derive(Clone, Debug, PartialEq)]
pub struct Needs {
    /// The mask event after the round, if there is one.
    pub event: Option<Budget>,
    /// Whether updates travel: only where something reads them.
    pub update: bool,
    /// Whether clients gather evidence, and when they send it.
    pub evidence: Option<Sending>,
    /// How many groups of each row every client votes to drop; `None` without votes.
    pub quotas: Option<Vec<u32>>,
    /// Size of the part drawn for the round, in groups of each row, and for whom the part is drawn; `None` when all
    /// clients train the same model.
    pub part: Option<(Draw, Vec<u32>)>,
    /// Whether the model is evaluated: by clients before and after training, and by the host.
    pub evaluates: bool,
}

/// What a session stores between rounds besides weights and mask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holds {
    /// Grain of the ledger of gradients, if there is one.
    pub ledger: Option<Grain>,
    /// Stages whose final weights are stored.
    pub snapshots: Vec<u16>,
    /// Whether results of the stage's rounds are stored, for a condition that ends the stage early.
    pub seen: bool,
}

impl Needs {
    /// Needs of the round at a place, with `alive` groups of each row.
    pub fn of(recipe: &Recipe, course: &Course, place: Place, alive: &[u32], above_chance: Option<f64>) -> Self {
        let stage = recipe.stage(place.stage);
        let due = course.budget(recipe, place, above_chance);
        let is_last = course.ends_stage(place) && !course.has(course.after(place));
        let round = course.rounds_into_stage(place);
        let evaluates = is_last || (round + 1).is_multiple_of(stage.evaluate_every);
        let trains = stage.local.work() != Work::Steps(0);
        let dense = Self { event: None, update: trains, evidence: None, quotas: None, part: None, evaluates };
        let Some(pruning) = &stage.mask else { return dense };
        if let Some(draw) = pruning.dynamics.draws() {
            let kept = || prune::kept_before(pruning, recipe.groups(), alive, due);
            return Self { part: (due != Budget::Nothing).then(|| (draw, kept())), ..dense };
        }
        let evidence = pruning.evidence.source().asks(occasion(recipe, course, place, due));
        if due == Budget::Nothing {
            return Self { evidence, ..dense };
        }
        let quotas = pruning.decider.asks_voters().then(|| prune::quotas(pruning, recipe.groups(), alive, due));
        // No votes are needed for a quota of 0: such an event drops nothing and only restores weights.
        if quotas.as_ref().is_some_and(|it| it.iter().all(|quota| *quota == 0)) {
            let event = (pruning.afterwards.origin() != Origin::Held).then_some(due);
            return Self { event, ..dense };
        }
        Self { event: Some(due), update: trains && reads_updates(pruning), evidence, quotas, ..dense }
    }

    /// Whether the round asks clients for anything.
    pub fn asks(&self) -> bool {
        self.update || self.quotas.is_some() || self.evidence == Some(Sending::Now)
    }
}

/// Position of a round relative to the mask events of its stage.
fn occasion(recipe: &Recipe, course: &Course, place: Place, due: Budget) -> Occasion {
    if due != Budget::Nothing {
        return Occasion::Event;
    }
    let later = std::iter::successors(Some(course.after(place)), |it| Some(course.after(*it)));
    // A schedule that waits for a condition counts as if the condition were met.
    let is_due = |it: Place| course.budget(recipe, it, Some(f64::INFINITY)) != Budget::Nothing;
    match later.take_while(|it| it.stage == place.stage).any(is_due) {
        true => Occasion::Before,
        false => Occasion::After,
    }
}

/// Whether anything reads the updates of a round that ends in a mask event: either the weights are kept, or updates
/// enter the scores.
pub(super) fn reads_updates(pruning: &Pruning) -> bool {
    let reads = || scores_trained(pruning) || pruning.evidence.source().reads_updates();
    pruning.afterwards.origin() == Origin::Held || (!pruning.decider.asks_voters() && reads())
}

/// Whether trained weights decide an event.
fn scores_trained(pruning: &Pruning) -> bool {
    let reads = pruning.criterion.needs_weights() || pruning.dynamics.needs_strengths();
    pruning.at == Moment::Trained && reads
}

/// Whether training decides an event without votes: through weights, updates, or gradients gathered during or after
/// training.
pub(super) fn decides_by_training(pruning: &Pruning) -> bool {
    let source = pruning.evidence.source();
    let looks_back = source.only_looks() && pruning.at == Moment::Received;
    scores_trained(pruning) || source.reads_updates() || (source.is_sent() && !looks_back)
}

impl Holds {
    /// What a session of this recipe stores.
    pub fn of(recipe: &Recipe) -> Self {
        let stages = || recipe.stages().iter();
        let masks = || stages().filter_map(|it| it.mask.as_ref());
        let ended = |name: &String| stages().position(|it| it.name == *name).map(|it| it as u16);
        let mut snapshots: Vec<u16> = masks()
            .filter_map(|it| match it.afterwards.origin() {
                Origin::End(stage) => ended(&stage),
                Origin::Held | Origin::Start | Origin::Fresh => None,
            })
            .collect();
        snapshots.sort_unstable();
        snapshots.dedup();
        Self {
            ledger: masks().map(|it| it.evidence.source()).find(|it| *it != Source::Nothing).map(|it| {
                match it.is_of_groups() {
                    true => Grain::Groups,
                    false => Grain::Weights,
                }
            }),
            snapshots,
            seen: stages().any(|it| it.until.ends_early()),
        }
    }
}
