//! Rules: how a stage prunes: one entry of each registry.

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
        /// The weights that form a group; the same in all stages.
        pattern: Pattern,
        /// Groups that may be pruned; the same in all stages.
        among: Among = Among::usual(),
        /// How groups are scored.
        criterion: Criterion,
        /// Source of a criterion's gradients.
        evidence: Evidence = Evidence::None(none::None {}),
        /// The weights that are scored, and those at which clients evaluate the evidence `batches` and `curvature`.
        at: Moment = Moment::Trained,
        /// How a budget is divided among layers.
        scope: Scope,
        /// When the mask changes, and how many groups are alive afterwards.
        schedule: Schedule = Schedule::Never(Never {}),
        /// Groups that an event may change.
        dynamics: Dynamic,
        /// From which weights survivors continue.
        afterwards: Afterwards = Afterwards::Keep(Keep {}),
        /// Initial value of a group that comes back.
        regrow: Regrow = Regrow::Held,
        /// Who decides which groups go.
        decider: Decider,
    }
}

impl Pruning {
    /// Factors that rank the candidates at an event.
    pub fn ranking(&self) -> Vec<Factor> {
        self.dynamics.grows_by().map_or_else(|| self.criterion.factors(), |it| vec![it])
    }

    /// Whether gradients are needed, from some evidence: by the criterion, or for ranking groups that come back.
    pub fn needs_gradients(&self) -> bool {
        self.criterion.needs_gradients() || self.grows_by_gradients()
    }

    /// Whether dead groups come back by their gradients alone.
    pub fn grows_by_gradients(&self) -> bool {
        self.dynamics.grows_by().is_some_and(|it| it.term.is_of_gradients())
    }
}
