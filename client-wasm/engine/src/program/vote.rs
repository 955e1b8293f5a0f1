//! Vote as calls: scores of every group over all its stripes, then the bottom k of every row, or the order of every
//! row, as bits over the full model.

use std::ops::Range;

use protocol::groups::{Groups, Role, Run, Stripe};
use protocol::order;
use protocol::tally::Ballots;

use super::lifetimes::{Place, Tape};
use super::{Fixed, Trained};
use crate::kernels::Call;
use crate::kernels::ballots::order as order_kernel;
use crate::kernels::vote::{bottom_k, exclude, pack, reduce};

/// Groups to score, and rows to vote on.
#[derive(Clone, Debug, PartialEq)]
pub struct Ballot {
    /// How the coordinates of a group are reduced.
    pub norm: Norm,
    /// Number of groups of the full model, including dead ones.
    pub full_groups: u32,
    /// Rows to vote on, each with its own quota.
    pub rows: Vec<BallotRow>,
    /// What the vote contains.
    pub says: Ballots,
}

/// Groups that are ranked among themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct BallotRow {
    /// Places of the groups in [`Fixed::Scores`]. Rows do not overlap.
    pub groups: Range<u32>,
    /// Stripes that are summed into the groups' scores, in this order; a group in no stripe scores 0.
    pub stripes: Vec<Stripe>,
}

/// How the coordinates of a group are reduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norm {
    /// Σ |w|.
    L1,
    /// Σ w²: the square of the L2 norm, which gives the same ranking as the norm.
    L2,
}

impl Ballot {
    /// A ballot without groups.
    pub fn none() -> Self {
        Self { norm: Norm::L2, full_groups: 0, rows: vec![], says: Ballots::Drop }
    }

    /// All groups, each with all its coordinates; `n_full` is the number of groups of the unpruned model.
    pub fn of_all(groups: &Groups, n_full: usize, norm: Norm) -> Self {
        let row = |it: &protocol::groups::Row| BallotRow {
            groups: it.groups.clone(),
            stripes: it.stripes.iter().filter(|it| it.is_trained).copied().collect(),
        };
        Self { norm, full_groups: n_full as u32, rows: groups.rows.iter().map(row).collect(), says: Ballots::Drop }
    }

    /// Number of groups with scores, over all rows.
    pub fn n_scores(&self) -> u32 {
        self.rows.iter().map(|it| it.groups.end).max().unwrap_or(0)
    }

    /// Number of bits of the longest ballot.
    pub(super) fn n_bits(&self) -> usize {
        match self.says {
            Ballots::Drop => self.full_groups as usize,
            Ballots::Order => order::n_bits(&self.rows.iter().map(|it| it.groups.len() as u32).collect::<Vec<_>>()),
        }
    }
}

/// Calls that score groups.
pub(super) fn scores(ballot: &Ballot) -> Tape {
    reduced(ballot, Fixed::Weights)
}

/// Calls that reduce a vector with an entry per weight to groups.
pub(super) fn reduced(ballot: &Ballot, from: Fixed) -> Tape {
    let mut tape = Tape::default();
    for params in ballot.rows.iter().flat_map(|it| reductions(it, ballot.norm)) {
        tape.push(Call::Reduce(params), [from, Fixed::Scores].map(Place::Fixed));
    }
    tape
}

/// Calls that score, select and pack. Where weights are masked, dead groups have scores too and must not be selected.
pub(super) fn tape(ballot: &Ballot, trained: Trained) -> Tape {
    let mut tape = scores(ballot);
    if ballot.rows.is_empty() {
        return tape;
    }
    let [scores, quotas, drops, places, bits] =
        [Fixed::Scores, Fixed::Quotas, Fixed::Drops, Fixed::Places, Fixed::Ballot].map(Place::Fixed);
    match trained {
        Trained::All => {}
        Trained::Masked => tape.push(Call::Exclude(exclude::Params { groups: ballot.n_scores() }), [places, scores]),
    }
    for (at, BallotRow { groups, .. }) in ballot.rows.iter().enumerate() {
        let (first, groups, row) = (groups.start, groups.len() as u32, at as u32);
        match ballot.says {
            Ballots::Drop => {
                tape.push(Call::BottomK(bottom_k::Params { first, groups, row }), [scores, quotas, drops]);
            }
            Ballots::Order => {
                tape.push(Call::Order(order_kernel::Params { first, groups, row }), [scores, quotas, bits]);
            }
        }
    }
    if ballot.says == Ballots::Drop {
        tape.push(Call::Pack(pack::Params { groups: ballot.full_groups }), [places, drops, bits]);
    }
    tape
}

/// The calls that score a row: the first stripe resets its groups' scores, or an empty call does if there is no stripe.
fn reductions(row: &BallotRow, norm: Norm) -> Vec<reduce::Params> {
    if row.stripes.is_empty() {
        let (group, nothing) = (Run::of(row.groups.len() as u32), Run::of(0));
        let stripe = Stripe { start: 0, outer: nothing, group, inner: nothing, role: Role::Own, is_trained: true };
        return vec![reduction(row, &stripe, 0, norm)];
    }
    row.stripes.iter().enumerate().map(|(at, it)| reduction(row, it, u32::from(at > 0), norm)).collect()
}

/// Parameters of the call for one stripe.
fn reduction(row: &BallotRow, stripe: &Stripe, keeps: u32, norm: Norm) -> reduce::Params {
    let Stripe { start, outer, group, inner, .. } = *stripe;
    reduce::Params {
        start,
        outer: outer.n,
        outer_stride: outer.stride,
        groups: group.n,
        group_stride: group.stride,
        inner: inner.n,
        // A run of one entry may have stride 0, which the kernel does not accept.
        inner_stride: inner.stride.max(1),
        first: row.groups.start,
        keeps,
        norm: match norm {
            Norm::L1 => reduce::L1,
            Norm::L2 => reduce::L2,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [first, groups, coordinate of the first, keeps] of every call.
    fn calls(row: &BallotRow) -> Vec<[u32; 4]> {
        reductions(row, Norm::L1).iter().map(|it| [it.first, it.groups, it.start, it.keeps]).collect()
    }

    /// A stripe of groups with one coordinate each.
    fn stripe(n: u32, start: u32) -> Stripe {
        let once = Run::of(1);
        Stripe { start, outer: once, group: Run::strided(n, 2), inner: once, role: Role::Own, is_trained: true }
    }

    #[test]
    fn a_row_begins_with_its_first_stripe() {
        let row = BallotRow { groups: 10..14, stripes: vec![stripe(4, 100), stripe(4, 200)] };
        assert_eq!(calls(&row), [[10, 4, 100, 0], [10, 4, 200, 1]]);
    }

    #[test]
    fn groups_without_stripes_score_nothing() {
        let row = BallotRow { groups: 10..14, stripes: vec![] };
        assert_eq!(calls(&row), [[10, 4, 0, 0]]);
        let nothing = reductions(&row, Norm::L1)[0];
        assert_eq!((nothing.outer, nothing.inner), (0, 0));
    }
}
