//! Fixed buffers: what every program has, by name, wherever its other buffers lie.

use serde::{Deserialize, Serialize};

use super::{Ballot, Blueprint, BufferId, descent, evidence};

/// The buffers that every program has, at the front and in this order; the rest hold what passes between steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Fixed {
    /// The shard's features, a byte each.
    Features,
    /// The shard's labels.
    Answers,
    /// Which samples come in which order.
    Order,
    /// [position in the order, end of the order, steps taken, seed of the noise].
    Cursor,
    /// [step size, and for Adam the weights of its two means].
    Knobs,
    /// The alive weights, in the order in which they travel.
    Weights,
    /// Which weights are alive, a bit each, 32 to a word; only a masked program has it.
    Alive,
    /// Their gradients, also those of weights that a mask holds at 0.
    Gradients,
    /// The optimizer's running sum or mean of gradients, if it keeps one.
    Moments,
    /// Its running mean of squared gradients, if it keeps one.
    Squares,
    /// What is gathered of gradients or curvature, if anything is.
    Evidence,
    /// By how many samples the round's sums of gradients count.
    Amount,
    /// Squared sums of gradients of the rounds that have ended, if they are gathered.
    Settled,
    /// [Σ loss, Σ right answers, samples] since somebody looked.
    Totals,
    /// What every group scores that has a place, or what is gathered of it.
    Scores,
    /// How many groups of each row to vote out, or at which bit the order of each begins.
    Quotas,
    /// 1 for every place whose group is voted out.
    Drops,
    /// For every group of the full model its place among the scores, or [`crate::kernels::pack::DEAD`].
    Places,
    /// The ballot's bits; an order's are only ever set, and zeroed by the host.
    Ballot,
}

impl Fixed {
    /// How many there are.
    pub const COUNT: usize = Self::Ballot as usize + 1;

    /// Its place in [`super::Program::buffers`].
    pub fn id(self) -> BufferId {
        self as usize
    }
}

/// How many words each of them takes; [`Fixed::Alive`] takes none until a program is masked.
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
