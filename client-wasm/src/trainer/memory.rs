//! Memory: what a client's buffers hold from one plan to the next, as a cache that may be lost.

use std::sync::Arc;

use protocol::choices::Memory as Keeps;
use protocol::kept::Kept;
use protocol::task::TaskStage;
use protocol::wire::Plan;
use serde::{Deserialize, Serialize};

/// What buffers on the device belong to: a plan of another stage or span begins anew, and so does one of a round that is
/// remembered already, so that no round is in it twice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Memory {
    stage: u16,
    /// The level for an optimizer, the round since which it adds up for evidence.
    span: u32,
    round: u32,
    /// Which weights they are about.
    pub(super) kept: Arc<Kept>,
    /// Where training stands.
    pub(super) run: Run,
}

/// Training that goes on from plan to plan: batches and noise are counted by step since it began, so that cutting it into
/// plans changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Run {
    /// Of the plan with which it began.
    pub(super) seed: u64,
    /// Steps since then.
    pub(super) steps: u64,
}

impl Memory {
    /// What a plan leaves behind.
    pub(super) fn new(plan: &Plan, span: u32, kept: Arc<Kept>, run: Run) -> Self {
        Self { stage: plan.stage, span, round: plan.round, kept, run }
    }

    /// Whether a plan of a span goes on from what is remembered.
    pub(super) fn serves(&self, plan: &Plan, span: u32) -> bool {
        self.stage == plan.stage && self.span == span && self.round < plan.round
    }

    /// What a plan leaves behind of its optimizer; nothing where that begins anew with every plan.
    pub(super) fn of_optimizer(stage: &TaskStage, plan: &Plan, kept: Arc<Kept>, run: Run) -> Option<Self> {
        match stage.local.memory {
            Keeps::Fresh => None,
            Keeps::Kept => Some(Self::new(plan, plan.level, kept, run)),
        }
    }
}

/// What is remembered of the weights of one mask, for those of another: as if the dead had never been, and what comes back
/// begins anew.
pub(super) fn carried(remembered: &[u32], old: &Kept, new: &Kept, n_trained: usize) -> Vec<u32> {
    let mut full = vec![0; old.total()];
    old.scatter(remembered.iter().copied(), &mut full, |to, from| *to = from);
    let mut carried = new.gather(&full);
    // What is not trained, at the end, has no memory.
    carried.truncate(n_trained);
    carried
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::mask::Mask;

    #[test]
    fn survivors_keep_their_memory_and_those_who_come_back_begin_anew() {
        let kept = |bits: [bool; 4]| Kept::some(Mask::from_fn(4, |it| bits[it]));
        let (old, new) = (kept([true, true, false, true]), kept([true, false, true, true]));
        assert_eq!(carried(&[1, 2, 4], &old, &new, 3), [1, 0, 4]);
        assert_eq!(carried(&[1, 2], &old, &new, 2), [1, 0], "the last weight is a statistic, which nothing remembers");
    }
}
