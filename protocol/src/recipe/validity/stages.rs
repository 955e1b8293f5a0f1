//! Stages: choices that are incompatible within one stage.

use super::rule::ROW_LIMIT;
use super::{Draft, Due, Problem, Rule, drops, events};
use crate::afterwards::Origin;
use crate::choices::{Fold, Norm, Of, Scale};
use crate::criteria::Term;
use crate::evidence::Source;
use crate::groups::Form;
use crate::recipe::Stage;
use crate::recipe::needs::decides_by_training;
use crate::rules::Pruning;
use crate::schedules::{Budget, Reach};
use crate::settings::within;
use crate::training::aggregations::Folding;

/// A stage under validation.
struct Checked<'a> {
    draft: &'a Draft<'a>,
    /// Number of the stage.
    at: usize,
    stage: &'a Stage,
    pruning: &'a Pruning,
    events: &'a [Due],
}

/// Reports a broken rule, with the key within the stage.
type Broken<'a> = &'a mut dyn FnMut(&str, Rule);

/// Checks every stage by itself.
pub(super) fn check(draft: &Draft<'_>, problems: &mut Vec<Problem>) {
    for (at, stage) in draft.stages {
        let key = draft.key(*at);
        let broken: Broken<'_> = &mut |field, rule| problems.push(Problem::rule(within(&key, field), rule));
        let events = events(stage);
        of_any(draft, *at, stage, broken);
        ends(draft, stage, &events, broken);
        aggregation(stage, broken);
        let Some(pruning) = &stage.mask else { continue };
        let broken: Broken<'_> = &mut |field, rule| broken(&within("mask", field), rule);
        let it = Checked { draft, at: *at, stage, pruning, events: &events };
        it.votes(broken);
        it.scores(broken);
        it.shares(broken);
        it.parts(broken);
        it.swaps(broken);
        it.evidence(broken);
        it.options(broken);
        it.rewinds(broken);
        it.moves(broken);
    }
}

fn of_any(draft: &Draft<'_>, at: usize, stage: &Stage, broken: Broken<'_>) {
    let n_ways = u32::from(stage.local.epochs.is_some()) + u32::from(stage.local.steps.is_some());
    if n_ways != 1 {
        broken("local", Rule::EpochsOrSteps { got: n_ways });
    }
    let events = events(stage);
    let only_looks = stage.mask.as_ref().is_some_and(|it| it.evidence.source().only_looks());
    let is_every_round = events.len() as u64 == u64::from(stage.rounds) * u64::from(stage.repeat);
    if stage.local.steps == Some(0) && !(only_looks && is_every_round) {
        broken("local.steps", Rule::OnlyLooks);
    }
    if draft.raw.stage.iter().take(at).any(|it| it.name == stage.name) {
        broken("name", Rule::NameTwice { name: stage.name.clone() });
    }
    if stage.name == "start" {
        broken("name", Rule::NameTaken);
    }
}

fn ends(draft: &Draft<'_>, stage: &Stage, events: &[Due], broken: Broken<'_>) {
    let until = stage.until.name();
    let draws = stage.mask.as_ref().is_some_and(|it| it.dynamics.draws().is_some());
    let (least, events) = (stage.until.least_events(), if draws { 0 } else { events.len() as u32 });
    if stage.until.ends_early() && u64::from(stage.rounds) * u64::from(stage.repeat) == 1 {
        broken("until", Rule::UntilNeedsRounds);
    } else if least > events {
        broken("until", Rule::UntilNeedsEvents { until: until.into(), least, events });
    }
    let has_answers = draft.model.is_none_or(|it| it.0.n_classes().is_some());
    if stage.until.needs_answers() && !has_answers {
        broken("until", Rule::NeedsAnswers { kind: until.into() });
    }
    if let Some(pruning) = stage.mask.as_ref().filter(|it| it.schedule.needs_answers() && !has_answers) {
        broken("mask.schedule", Rule::NeedsAnswers { kind: pruning.schedule.name().into() });
    }
}

fn aggregation(stage: &Stage, broken: Broken<'_>) {
    let aggregation = || stage.aggregation.name().into();
    let draws = stage.mask.as_ref().is_some_and(|it| it.dynamics.draws().is_some());
    match (stage.aggregation.is_for_parts(), draws) {
        (true, false) => broken("aggregation", Rule::WholesNeedMean { aggregation: aggregation() }),
        (false, true) => broken("aggregation", Rule::PartsNeedHolders { aggregation: aggregation() }),
        (true, true) | (false, false) => {}
    }
    if let Folding::ByHolders { at_least } = stage.aggregation.folding()
        && let Some(asked) = stage.cohort.most().filter(|it| *it < at_least)
    {
        broken("aggregation", Rule::TooFewHolders { at_least, asked });
    }
}

impl Checked<'_> {
    fn votes(&self, broken: Broken<'_>) {
        let Self { pruning, .. } = *self;
        if !pruning.decider.asks_voters() {
            return;
        }
        let factors = pruning.criterion.factors();
        let is_theirs = matches!(factors[..], [it] if matches!(it.term, Term::Weight | Term::Noise));
        if !is_theirs && !factors.is_empty() {
            broken("criterion", Rule::VotersCannotScore { criterion: pruning.criterion.name().into() });
        }
        if pruning.dynamics.may_regrow() {
            let (decider, dynamics) = (pruning.decider.name().into(), pruning.dynamics.name().into());
            broken("dynamics", Rule::VotersCannotRegrow { decider, dynamics });
        }
        if !pruning.scope.knows_before() {
            broken("scope", Rule::VotersNeedCounts { scope: pruning.scope.name().into() });
        }
        let rows = self.draft.groups().into_iter().flat_map(|it| &it.rows);
        for row in rows.filter(|it| it.len() > ROW_LIMIT) {
            broken("pattern", Rule::BallotTooLong { row: row.name.clone(), groups: row.len() as u32 });
        }
    }

    fn scores(&self, broken: Broken<'_>) {
        let factors = self.pruning.criterion.factors();
        if factors.is_empty() {
            broken("criterion", Rule::EmptyProduct);
        }
        let is_read = |scale| match scale {
            Scale::None => true,
            Scale::Rank => factors.len() > 1,
            Scale::InitStd | Scale::Cost => false,
        };
        if self.pruning.scope.knows_before() && !factors.iter().all(|it| is_read(it.scale)) {
            broken("criterion", Rule::IdleScale { scope: self.pruning.scope.name().into() });
        }
    }

    fn shares(&self, broken: Broken<'_>) {
        let (scope, schedule) = (&self.pruning.scope, &self.pruning.schedule);
        if let Some(got) = scope.n_vectors().filter(|it| *it != 1) {
            broken("scope", Rule::DropOrKeep { got });
        }
        let rows = self.draft.groups().map_or(0, |it| it.rows.len());
        if let Some(got) = scope.n_rows().filter(|it| rows > 0 && *it != rows) {
            broken("scope", Rule::SharesOfRows { got: got as u32, rows: rows as u32 });
        }
        if schedule.reach() == Reach::Nowhere {
            return;
        }
        let scope_name = || scope.name().into();
        let schedule_name = || schedule.name().into();
        match (scope.is_free(), schedule.is_free()) {
            (false, true) => broken("scope", Rule::FreeNeedsCosts { scope: scope_name() }),
            (true, false) => broken("schedule", Rule::CostsNeedFree { schedule: schedule_name() }),
            (true, true) => {}
            (false, false) => match (scope.has_shares(), schedule.leaves_share_to_scope()) {
                (true, false) => {
                    broken("schedule", Rule::SharesTwice { scope: scope_name(), schedule: schedule_name() })
                }
                (false, true) => broken("schedule", Rule::SharesByNobody),
                (true, true) | (false, false) => {}
            },
        }
    }

    fn parts(&self, broken: Broken<'_>) {
        let Self { pruning, .. } = *self;
        if pruning.dynamics.draws().is_none() {
            return;
        }
        if self.draft.groups().is_some_and(|it| it.form == Form::Masked) {
            broken("pattern", Rule::PartsAreNarrow { pattern: pruning.pattern.name().into() });
        }
        let keeps = self.events.iter().all(|it| matches!(it.1, Budget::Keep(_)));
        let is_lot = pruning.criterion.factors().iter().all(|it| it.term == Term::Noise);
        let is_kept = pruning.afterwards.origin() == Origin::Held;
        if !(keeps && is_lot && is_kept && !pruning.decider.asks_voters() && pruning.scope.knows_before()) {
            broken("dynamics", Rule::PartsAreDrawn);
        }
    }

    /// Checks dynamics that swap groups: as many go as come back, so the number of living groups must stay constant.
    fn swaps(&self, broken: Broken<'_>) {
        let Self { pruning, events, .. } = *self;
        let stays = pruning.scope.knows_total() && events.iter().all(|it| it.1 == Budget::Same);
        if pruning.dynamics.grows_by().is_some() && !stays {
            broken("dynamics", Rule::SwapsKeepNumbers { dynamics: pruning.dynamics.name().into() });
        }
    }

    fn evidence(&self, broken: Broken<'_>) {
        let Self { pruning, stage, .. } = *self;
        let source = pruning.evidence.source();
        if !pruning.needs_gradients() || self.events.is_empty() {
            return;
        }
        if source == Source::Nothing {
            let by_criterion = pruning.criterion.needs_gradients();
            let looks = if by_criterion { pruning.criterion.name() } else { pruning.dynamics.name() };
            return broken("evidence", Rule::NoEvidence { criterion: looks.into() });
        }
        let is_exact = stage.coding.up.worst_error(-1.0, 1.0) == 0.0;
        if source.reads_updates() && !(stage.local.optimizer.is_plain() && is_exact) {
            broken("evidence", Rule::InexactUpdates);
        }
        if source == Source::Rounds && self.draft.groups().is_some_and(|it| it.form == Form::Narrow) {
            broken("evidence", Rule::RoundsNeedMasks { pattern: pruning.pattern.name().into() });
        }
        self.terms(source, broken);
        let operation = self.draft.model.and_then(|it| pruning.evidence.refuses(it.0.graph()));
        if let Some(operation) = operation {
            broken("evidence", Rule::NoCurvature { operation: operation.into() });
        }
    }

    /// Checks that the evidence provides what the criterion needs of gradients.
    fn terms(&self, source: Source, broken: Broken<'_>) {
        let criterion = || self.pruning.criterion.name().into();
        let factors = self.pruning.ranking();
        let gradients: Vec<_> = factors.iter().filter(|it| it.term.is_of_gradients()).collect();
        let is_one = match gradients[..] {
            [it] => {
                let pairs = [(Term::Gradient, Fold::Abs), (Term::Square, Fold::Square)];
                it.norm != Norm::L2 && pairs.contains(&(it.term, source.fold()))
            }
            _ => false,
        };
        if source.is_of_groups() && !is_one {
            broken("evidence", Rule::GroupsNeedOneFactor { criterion: criterion() });
        }
        if source.is_scored() && gradients.iter().any(|it| it.term != Term::Product) {
            broken("evidence", Rule::ScoresNeedSaliency { criterion: criterion() });
        }
        let is_curvature = matches!(source, Source::Curvature { .. });
        let fits = |term: Term| match term {
            Term::Curvature => source.fold() == Fold::Square,
            Term::Gradient | Term::Product | Term::Square | Term::Weight | Term::Noise => !is_curvature,
        };
        if !gradients.iter().all(|it| fits(it.term)) {
            let evidence = self.pruning.evidence.name().into();
            broken("evidence", Rule::NoSecondDerivatives { criterion: criterion(), evidence });
        }
    }

    /// Checks for keys that have no effect because of other keys.
    fn options(&self, broken: Broken<'_>) {
        let Self { pruning, events, .. } = *self;
        let mut idle = |key: &str, option: Option<&str>, kind: &str| {
            if let Some(option) = option {
                broken(key, Rule::IdleOption { option: option.into(), kind: kind.into() });
            }
        };
        idle("scope", pruning.scope.idle(), pruning.scope.name());
        idle("dynamics", pruning.dynamics.idle(), pruning.dynamics.name());
        let of = |of: Of| events.iter().any(|it| matches!(it.1, Budget::Drop { of: it, .. } if it == of));
        let is_required_idle = pruning.decider.required() == Of::Total && !events.is_empty() && !of(Of::Remaining);
        let required = is_required_idle.then_some("required");
        idle("decider", pruning.decider.idle().or(required), pruning.decider.name());
        let total = (of(Of::Total) && !pruning.scope.drops_shares()).then_some("of");
        idle("schedule", total, pruning.schedule.name());
        let biases = pruning.among.biases.then_some("biases").filter(|_| self.ignores_biases());
        idle("among", biases, pruning.pattern.name());
    }

    fn ignores_biases(&self) -> bool {
        let among = crate::groups::Among { biases: false, ..self.pruning.among.clone() };
        self.draft.model.is_some_and(|(model, _)| {
            let groups = |among| self.pruning.pattern.groups(model.graph(), among);
            groups(&among) == groups(&self.pruning.among)
        })
    }

    /// Checks that training is not wasted: an event that ignores what clients trained and then discards it has no use
    /// for training.
    fn rewinds(&self, broken: Broken<'_>) {
        let Self { draft, pruning, at, .. } = *self;
        let origin = pruning.afterwards.origin();
        let stages: Vec<String> = draft.raw.stage.iter().take(at).map(|it| it.name.clone()).collect();
        if let Origin::End(to) = &origin
            && !stages.contains(to)
        {
            broken("afterwards.to", Rule::RewindToNowhere { to: to.clone(), stages });
        }
        if origin == Origin::Held || pruning.dynamics.draws().is_some() {
            return;
        }
        let asks_voters = pruning.decider.asks_voters();
        let is_idle = |it: &&Due| if asks_voters { !drops(it) } else { !decides_by_training(pruning) };
        if let Some((level, _)) = self.events.iter().find(is_idle) {
            broken("schedule", Rule::RoundForNothing { level: *level });
        }
    }

    fn moves(&self, broken: Broken<'_>) {
        let Self { draft, pruning, at, events, .. } = *self;
        let is_same = |it: &Due| it.1 == Budget::Same;
        let earlier = || draft.stages.iter().take_while(|it| it.0 < at);
        let may_regrow = || pruning.dynamics.may_regrow() && earlier().any(|it| super::events(&it.1).iter().any(drops));
        if !events.is_empty() && events.iter().all(is_same) && pruning.dynamics.draws().is_none() && !may_regrow() {
            broken("schedule", Rule::NothingMoves { schedule: pruning.schedule.name().into() });
        }
    }
}
