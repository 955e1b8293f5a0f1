//! Voting: how the voters of a stage rank groups, as far as a client can.

use protocol::choices::{Norm, Over};
use protocol::criteria::{Factor, Term};
use protocol::task::TaskStage;

/// How a stage's voters rank the groups of a row. What a criterion scales scores by changes no order within a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Voting {
    /// Nobody is asked.
    Never,
    /// By numbers drawn for the groups.
    ByLot,
    /// By the norm of these entries of every group.
    ByWeights(Norm, Over),
}

impl Voting {
    /// What a stage's criterion asks of voters; a recipe is refused where that is more than one look at their weights.
    pub(super) fn of(stage: &TaskStage) -> Self {
        let factors = stage.criterion.as_ref().map(|it| it.factors()).unwrap_or_default();
        match factors[..] {
            [Factor { term: Term::Weight, norm, over, .. }] => Self::ByWeights(norm, over),
            [Factor { term: Term::Noise, .. }] => Self::ByLot,
            _ => Self::Never,
        }
    }
}
