//! Idle: keys that were set but have no effect. A key beside the stages must be read by a stage that inherits it.

use super::{Draft, Problem, Rule, events};
use crate::afterwards::Origin;
use crate::choices::{Memory, Moment, Regrow};
use crate::evidence::Source;
use crate::local::{TypedLocal, Work};
use crate::recipe::Stage;
use crate::rules::TypedPruning;
use crate::settings::within;

/// A key that may have no effect.
struct Key {
    name: &'static str,
    /// Whether the key was set to something other than its default.
    is_typed: fn(&TypedLocal, Option<&TypedPruning>) -> bool,
    /// Why a stage does not read the key; `None` if the stage reads it.
    idle: fn(&Stage) -> Option<Rule>,
}

const KEYS: [Key; 5] = [
    Key {
        name: "mask.at",
        is_typed: |_, mask| mask.and_then(|it| it.at) == Some(Moment::Received),
        idle: |stage| {
            let pruning = stage.mask.as_ref()?;
            let is_read = pruning.criterion.needs_weights() || pruning.evidence.source().only_looks();
            let is_moved = stage.local.work() != Work::Steps(0);
            (!is_read || !is_moved || pruning.decider.asks_voters()).then_some(Rule::IdleMoment)
        },
    },
    Key {
        name: "local.memory",
        is_typed: |local, _| local.memory == Some(Memory::Kept),
        idle: |stage| (stage.rounds == 1 || !stage.local.optimizer.remembers()).then_some(Rule::NothingToKeep),
    },
    Key {
        name: "mask.afterwards",
        is_typed: |_, mask| origin(mask).is_some_and(|it| it != Origin::Held),
        idle: |stage| events(stage).is_empty().then_some(Rule::NothingAfterwards),
    },
    Key {
        name: "mask.regrow",
        is_typed: |_, mask| mask.is_some_and(|it| it.regrow == Some(Regrow::Zero)),
        idle: |stage| {
            let regrows = stage.mask.as_ref().is_some_and(|it| it.dynamics.may_regrow());
            (!regrows || events(stage).is_empty()).then_some(Rule::NothingRegrows)
        },
    },
    Key {
        name: "mask.evidence",
        is_typed: |_, mask| mask.and_then(|it| it.evidence.as_ref()).is_some_and(|it| it.source() != Source::Nothing),
        idle: |stage| {
            let pruning = stage.mask.as_ref()?;
            let is_read = pruning.needs_gradients() && !events(stage).is_empty();
            (!is_read).then(|| Rule::IdleEvidence { criterion: pruning.criterion.name().into() })
        },
    },
];

fn origin(mask: Option<&TypedPruning>) -> Option<Origin> {
    Some(mask?.afterwards.as_ref()?.origin())
}

/// Checks every key where it was set.
pub(super) fn check(draft: &Draft<'_>, problems: &mut Vec<Problem>) {
    for key in &KEYS {
        let is_own = |at: usize| draft.raw.stage.get(at).is_some_and(|it| (key.is_typed)(&it.local, it.mask.as_ref()));
        for (at, stage) in draft.stages.iter().filter(|it| is_own(it.0)) {
            let rule = (key.idle)(stage);
            problems.extend(rule.map(|it| Problem::rule(within(&draft.key(*at), key.name), it)));
        }
        if (key.is_typed)(&draft.raw.local, draft.raw.mask.as_ref()) {
            let inherit = draft.stages.iter().filter(|it| !is_own(it.0));
            let reasons: Option<Vec<Rule>> = inherit.map(|it| (key.idle)(&it.1)).collect();
            let first = reasons.and_then(|it| it.into_iter().next());
            problems.extend(first.map(|it| Problem::rule(key.name, it)));
        }
    }
}
