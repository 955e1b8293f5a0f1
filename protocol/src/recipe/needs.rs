//! Needs: what travels in a round and what is kept between rounds, derived from the recipe and never declared.

use super::{Course, Place, Recipe};
use crate::afterwards::Origin;
use crate::choices::{Draw, Grain, Moment};
use crate::evidence::{Occasion, Sending, Source};
use crate::local::Work;
use crate::prune;
use crate::rules::Pruning;
use crate::schedules::Budget;

/// What one round needs: plan, judge, commit and `explain` all read this.
#[derive(Clone, Debug, PartialEq)]
pub struct Needs {
    /// The mask event after the round, if there is one.
    pub event: Option<Budget>,
    /// Whether updates travel: somebody reads them.
    pub update: bool,
    /// Whether clients gather evidence, and when they send it.
    pub evidence: Option<Sending>,
    /// How many groups of each row every client votes to drop; `None` when nobody votes.
    pub quotas: Option<Vec<u32>>,
    /// How many groups of each row a part that is drawn for the round has, and for whom; `None` when all train the same.
    pub part: Option<(Draw, Vec<u32>)>,
    /// Whether the model is measured, before training and after, and by the host.
    pub evaluates: bool,
}

/// What a session keeps between rounds beside weights and mask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holds {
    /// Gathered gradients, and of what.
    pub ledger: Option<Grain>,
    /// Weights with which these stages ended.
    pub snapshots: Vec<u16>,
    /// What every round of the stage came to, for whoever ends it early.
    pub seen: bool,
}

impl Needs {
    /// Of the round at a place, when so many groups of each row are alive.
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
        // Voters are not asked for nothing: nothing is dropped then, and all that is left of the event is to take weights back.
        if quotas.as_ref().is_some_and(|it| it.iter().all(|quota| *quota == 0)) {
            let event = (pruning.afterwards.origin() != Origin::Held).then_some(due);
            return Self { event, ..dense };
        }
        Self { event: Some(due), update: trains && reads_updates(pruning), evidence, quotas, ..dense }
    }

    /// Whether the round asks for anything at all.
    pub fn asks(&self) -> bool {
        self.update || self.quotas.is_some() || self.evidence == Some(Sending::Now)
    }
}

/// Where a round stands between the mask events of its stage.
fn occasion(recipe: &Recipe, course: &Course, place: Place, due: Budget) -> Occasion {
    if due != Budget::Nothing {
        return Occasion::Event;
    }
    let later = std::iter::successors(Some(course.after(place)), |it| Some(course.after(*it)));
    // A schedule that waits for something is taken as if that had come.
    let is_due = |it: Place| course.budget(recipe, it, Some(f64::INFINITY)) != Budget::Nothing;
    match later.take_while(|it| it.stage == place.stage).any(is_due) {
        true => Occasion::Before,
        false => Occasion::After,
    }
}

/// Whether somebody reads the updates of a round that ends in a mask event: the weights that stay, or whoever scores them.
pub(super) fn reads_updates(pruning: &Pruning) -> bool {
    let reads = || scores_trained(pruning) || pruning.evidence.source().reads_updates();
    pruning.afterwards.origin() == Origin::Held || (!pruning.decider.asks_voters() && reads())
}

/// Whether trained weights decide an event.
fn scores_trained(pruning: &Pruning) -> bool {
    let reads = pruning.criterion.needs_weights() || pruning.dynamics.needs_strengths();
    pruning.at == Moment::Trained && reads
}

/// Whether training decides an event for which nobody votes: by its weights, its updates, or gradients on its way or at its end.
pub(super) fn decides_by_training(pruning: &Pruning) -> bool {
    let source = pruning.evidence.source();
    let looks_back = source.only_looks() && pruning.at == Moment::Received;
    scores_trained(pruning) || source.reads_updates() || (source.is_sent() && !looks_back)
}

impl Holds {
    /// Of a whole session.
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
