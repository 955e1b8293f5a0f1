//! Traps: choices that are valid but may be unintended.

use super::{Warning, drops, events};
use crate::choices::{Memory, Over};
use crate::groups::{Form, Role};
use crate::recipe::{Recipe, Stage};
use crate::rules::Pruning;
use crate::schedules::Reach;

/// All warnings about a recipe.
pub(super) fn warnings(recipe: &Recipe) -> Vec<Warning> {
    let mut warnings = vec![];
    if let Some(pruning) = recipe.stages().iter().find_map(|it| it.mask.as_ref())
        && recipe.groups().form == Form::Masked
    {
        warnings.push(Warning::BytesNotTime { pattern: pruning.pattern.name().into() });
    }
    for stage in recipe.stages() {
        if stage.cohort.is_centre() && stage.local.held_out > 0.0 {
            let percent = 100.0 * stage.local.held_out;
            warnings.push(Warning::CentreHoldsOut { stage: stage.name.clone(), percent });
        }
        if let Some(pruning) = &stage.mask {
            of_mask(recipe, stage, pruning, &mut warnings);
        }
    }
    warnings
}

fn of_mask(recipe: &Recipe, stage: &Stage, pruning: &Pruning, warnings: &mut Vec<Warning>) {
    if pruning.dynamics.draws().is_some() && !pruning.dynamics.rescales() {
        warnings.push(Warning::PartsNotScaled { stage: stage.name.clone() });
    }
    if pruning.schedule.reach() == Reach::Nowhere {
        return;
    }
    let name = || stage.name.clone();
    let may_regrow = pruning.dynamics.may_regrow();
    let has_gradients = recipe.groups().form == Form::Masked && pruning.evidence.source().is_sent();
    if pruning.grows_by_gradients() && !has_gradients {
        warnings.push(Warning::GrowsByNumber { stage: name(), evidence: pruning.evidence.name().into() });
    }
    let ranks = pruning.dynamics.grows_by().is_none() && pruning.criterion.needs_gradients();
    if may_regrow && ranks && !has_gradients {
        let (dynamics, criterion) = (pruning.dynamics.name().into(), pruning.criterion.name().into());
        warnings.push(Warning::NothingComesBack { stage: name(), dynamics, criterion });
    }
    if may_regrow && stage.local.memory == Memory::Kept && stage.local.optimizer.remembers() {
        warnings.push(Warning::MemoryOfTheDead { stage: name() });
    }
    let has_others = || recipe.groups().rows.iter().flat_map(|it| &it.stripes).any(|it| it.role != Role::Own);
    if pruning.criterion.factors().iter().any(|it| it.over == Over::All) && has_others() {
        warnings.push(Warning::ScoresOverAll { stage: name() });
    }
    if !may_regrow && !events(stage).iter().any(drops) {
        warnings.push(Warning::NothingGoes { stage: name(), rounds: stage.rounds * stage.repeat });
    }
}
