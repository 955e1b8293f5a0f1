//! Rules: what is pruned in a stage, and how: one entry of each registry.

use crate::afterwards::{Afterwards, keep::Keep};
use crate::choices::{Moment, Regrow};
use crate::criteria::Criterion;
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
