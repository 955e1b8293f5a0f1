//! Together: choices that are incompatible between stages, or between a recipe and its model.

use super::rule::ROUNDS_LIMIT;
use super::{Draft, Problem, Rule};
use crate::choices::Scale;
use crate::evidence::Source;
use crate::groups::{Among, Groups, layer_of};
use crate::model::Model;
use crate::schedules::Reach;

/// Checks the recipe as a whole.
pub(super) fn check(draft: &Draft<'_>, problems: &mut Vec<Problem>) {
    let rules = [
        too_long(draft),
        one_pattern(draft),
        never_prunes(draft),
        one_ledger(draft),
        costs(draft),
        idle_constant(draft),
    ];
    problems.extend(rules.into_iter().flatten());
    if let Some((model, groups)) = draft.model {
        names(draft, model, groups, problems);
    }
}

fn too_long(draft: &Draft<'_>) -> Option<Problem> {
    let rounds = draft.raw.stage.iter().map(|it| u64::from(it.rounds) * u64::from(it.repeat.unwrap_or(1)));
    let got = rounds.fold(0_u64, u64::saturating_add);
    (got > ROUNDS_LIMIT).then(|| Problem::rule("stage", Rule::TooManyRounds { got }))
}

fn one_pattern(draft: &Draft<'_>) -> Option<Problem> {
    let first = draft.masks().next()?;
    let differs = draft.masks().any(|it| it.pattern != first.pattern || it.among != first.among);
    differs.then(|| Problem::rule("mask.pattern", Rule::OnePattern))
}

fn one_ledger(draft: &Draft<'_>) -> Option<Problem> {
    let mut sources = draft.masks().map(|it| it.evidence.source()).filter(|it| *it != Source::Nothing);
    let first = sources.next()?;
    let differs = sources.any(|it| it.is_of_groups() != first.is_of_groups());
    differs.then(|| Problem::rule("mask.evidence", Rule::OneLedger))
}

fn never_prunes(draft: &Draft<'_>) -> Option<Problem> {
    // A ticket's mask may stay unchanged while the ticket trains.
    let has_mask = draft.masks().next().is_some() && draft.raw.start.is_none();
    let never = has_mask && draft.masks().all(|it| it.schedule.reach() == Reach::Nowhere);
    never.then(|| Problem::rule("mask.schedule", Rule::NeverPrunes))
}

fn costs(draft: &Draft<'_>) -> Option<Problem> {
    let scales = || draft.masks().any(|it| it.criterion.factors().iter().any(|it| it.scale == Scale::Cost));
    let reads = draft.masks().any(|it| it.scope.is_free()) || scales();
    let rule = match &draft.raw.cost {
        None => reads.then_some(Rule::NoCosts)?,
        Some(_) if !reads => Rule::IdleCosts,
        Some(it) => {
            let (got, rows) = (it.comp.len() as u32, draft.groups()?.rows.len() as u32);
            (got != rows).then_some(Rule::CostsOfRows { got, rows })?
        }
    };
    Some(Problem::rule("cost", rule))
}

/// A constant cost is unused where costs only scale scores, which use the cost per weight.
fn idle_constant(draft: &Draft<'_>) -> Option<Problem> {
    let cost = draft.raw.cost.as_ref()?;
    let scales = draft.masks().any(|it| it.criterion.factors().iter().any(|it| it.scale == Scale::Cost));
    let is_idle = scales && cost.constant > 0.0 && !draft.masks().any(|it| it.scope.is_free());
    let rule = || Rule::IdleOption { option: "constant".into(), kind: "scale = \"cost\"".into() };
    is_idle.then(|| Problem::rule("cost", rule()))
}

/// Checks the names of layers: names that match nothing, or that leave nothing to prune.
fn names(draft: &Draft<'_>, model: &Model, groups: &Groups, problems: &mut Vec<Problem>) {
    let Some(pruning) = draft.masks().next() else { return };
    let layers = || {
        let rows = groups.rows.iter().map(|it| it.layer.clone());
        let mut all: Vec<String> = rows.chain(groups.others.iter().map(|it| it.layer.clone())).collect();
        all.dedup();
        all
    };
    let graph = model.graph();
    let names_any = |glob: &String| {
        let among = Among { only: vec![glob.clone()], never: vec![], biases: false };
        let is_param = graph.params.iter().any(|it| among.admits(layer_of(&it.name), &it.name, false));
        is_param || graph.spaces.iter().any(|it| among.admits(&it.name, &it.name, false))
    };
    let globs = pruning.among.only.iter().chain(&pruning.among.never);
    let unknown: Vec<&String> = globs.filter(|it| !names_any(it)).collect();
    for glob in &unknown {
        problems.push(Problem::rule("mask.among", Rule::NoSuchLayer { glob: (*glob).clone(), layers: layers() }));
    }
    if unknown.is_empty() && groups.n_groups() == 0 {
        problems.push(Problem::rule("mask.among", Rule::NothingToPrune { layers: layers() }));
    }
}
