//! Fixed buffers: those that every program has, identified by name.

use serde::{Deserialize, Serialize};

use super::{Ballot, Blueprint, BufferId, descent, evidence};

/// Buffers that every program has, at the front and in this order; the other buffers hold intermediate values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Fixed {
    /// Features of the shard, one byte each.
    Features,
    /// Labels of the shard.
    Answers,
    /// Order in which samples are used.
    Order,
    /// [position in the order, end of the order, steps taken, seed of the noise].
    Cursor,
    /// [step size, and for Adam the weights of its two means].
    Knobs,
    /// Living weights, in the order in which they travel.
    Weights,
    /// Mask of living weights, one bit each, 32 per word; empty unless the program is masked.
    Alive,
    /// Gradients of the weights, including weights that a mask holds at 0.
    Gradients,
    /// The optimizer's running sum or mean of gradients, if it has one.
    Moments,
    /// The optimizer's running mean of squared gradients, if it has one.
    Squares,
    /// Gathered gradients or curvature, if any.
    Evidence,
    /// Number of samples by which the round's sums of gradients are weighted.
    Amount,
    /// Squared sums of gradients of completed rounds, if they are gathered.
    Settled,
    /// [Σ loss, Σ right answers, samples] since the last reset.
    Totals,
    /// Scores of all groups that have a place, or their reduced evidence.
    Scores,
    /// Number of groups of each row to vote out, or the bit at which each row's order begins.
    Quotas,
    /// 1 for every place whose group is voted out.
    Drops,
    /// For every group of the full model the position of its score, or [`crate::kernels::vote::pack::DEAD`].
    Places,
    /// Bits of the ballot; those of an order are only ever set, so the host clears the buffer.
    Ballot,
}

impl Fixed {
    /// Number of fixed buffers.
    pub const COUNT: usize = Self::Ballot as usize + 1;

    /// Index of this buffer in [`super::Program::buffers`].
    pub fn id(self) -> BufferId {
        self as usize
    }
}

/// Number of words of each fixed buffer; [`Fixed::Alive`] has none until a program is masked.
pub(super) fn words(blueprint: &Blueprint<'_>) -> Vec<usize> {
    let Blueprint { graph, optimizer, ballot, evidence, sizes } = blueprint;
    let n_scores = ballot.n_scores().max(evidence.groups.map_or(0, Ballot::n_scores)) as usize;
    let full_groups = ballot.full_groups as usize;
    let mut words = vec![0; Fixed::COUNT];
    for (buffer, len) in [
        (Fixed::Features, (sizes.samples * graph.tensor_len(0)).div_ceil(4)),
        (Fixed::Answers, sizes.samples),
        (Fixed::Order, sizes.samples),
        (Fixed::Cursor, 4),
        (Fixed::Knobs, 3),
        (Fixed::Weights, graph.n_params()),
        (Fixed::Gradients, graph.n_trained()),
        (Fixed::Totals, 3),
        (Fixed::Scores, n_scores),
        (Fixed::Quotas, ballot.rows.len()),
        (Fixed::Drops, ballot.n_scores() as usize),
        (Fixed::Places, full_groups),
        (Fixed::Ballot, ballot.n_bits().div_ceil(32)),
    ] {
        words[buffer.id()] = len;
    }
    evidence::words(evidence, graph).iter().for_each(|(buffer, len)| words[buffer.id()] = *len);
    descent::remembered(optimizer).iter().for_each(|it| words[it.id()] = graph.n_trained());
    words
}
