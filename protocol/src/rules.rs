//! Rules: what is pruned in a stage, and how: one entry of each registry.

use crate::afterwards::{Afterwards, keep::Keep};
use crate::choices::{Moment, Regrow};
use crate::criteria::{Criterion, Factor};
use crate::deciders::Decider;
use crate::dynamics::Dynamic;
use crate::evidence::{Evidence, none};
use crate::groups::Among;
use crate::inherited;
use crate::patterns::Pattern;
use crate::schedules::{Schedule, never::Never};
use crate::scopes::Scope;

inherited! {
    /// What is pruned, and how.
    pub struct Pruning from TypedPruning {
        /// What lives or dies as one; the same in all stages.
        pattern: Pattern,
        /// What may be pruned; the same in all stages.
        among: Among = Among::usual(),
        /// What a group is worth.
        criterion: Criterion,
        /// Where a criterion's gradients come from.
        evidence: Evidence = Evidence::None(none::None {}),
        /// Which weights are scored, and at which clients look for the evidence `batches` and `curvature`.
        at: Moment = Moment::Trained,
        /// How a budget is shared out among layers.
        scope: Scope,
        /// When the mask changes, and how much is left then.
        schedule: Schedule = Schedule::Never(Never {}),
        /// Which groups an event may move.
        dynamics: Dynamic,
        /// What survivors start from.
        afterwards: Afterwards = Afterwards::Keep(Keep {}),
        /// What a group that comes back starts from.
        regrow: Regrow = Regrow::Held,
        /// Who says which groups go.
        decider: Decider,
    }
}

impl Pruning {
    /// What ranks the groups that stand at an event.
    pub fn ranking(&self) -> Vec<Factor> {
        self.dynamics.grows_by().map_or_else(|| self.criterion.factors(), |it| vec![it])
    }

    /// Whether anything looks at gradients, which some evidence must bring: the criterion, or what ranks those that come back.
    pub fn needs_gradients(&self) -> bool {
        self.criterion.needs_gradients() || self.grows_by_gradients()
    }

    /// Whether dead groups come back by their gradients alone.
    pub fn grows_by_gradients(&self) -> bool {
        self.dynamics.grows_by().is_some_and(|it| it.term.is_of_gradients())
    }
}
