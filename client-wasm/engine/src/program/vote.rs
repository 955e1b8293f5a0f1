//! The vote as calls: scores of every group over all that is counted for it, then the lowest of every row as bits over the
//! full model, or the order of every row.

use std::ops::Range;

use protocol::groups::{Groups, Role, Run, Stripe};
use protocol::order;
use protocol::tally::Ballots;

use super::lifetimes::{Place, Tape};
use super::{Fixed, Trained};
use crate::kernels::ballots::order as order_kernel;
use crate::kernels::{Call, exclude, lowest, pack, reduce};

/// What is scored, and what is voted on.
#[derive(Clone, Debug, PartialEq)]
pub struct Ballot {
    /// What is summed over the coordinates of a group.
    pub norm: Norm,
    /// Groups of the full model, dead ones included.
    pub full_groups: u32,
    /// Rows that are voted on, each with its own quota.
    pub rows: Vec<BallotRow>,
    /// What the vote says of them.
    pub says: Ballots,
}

/// Groups that are ranked among themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct BallotRow {
    /// Their places in [`Fixed::Scores`]. Rows do not overlap.
    pub groups: Range<u32>,
    /// What is counted for them, summed in this order; a group in no stripe scores 0.
    pub stripes: Vec<Stripe>,
}

/// What is summed over the coordinates of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norm {
    /// |w|.
    L1,
    /// w²: the sum is the square of the L2 norm, which ranks as the norm does.
    L2,
}

impl Ballot {
    /// Nothing to score or to vote on.
    pub fn none() -> Self {
        Self { norm: Norm::L2, full_groups: 0, rows: vec![], says: Ballots::Drop }
    }

    /// All groups, each with all that belongs to it; `n_full` is how many the unpruned model has.
    pub fn of_all(groups: &Groups, n_full: usize, norm: Norm) -> Self {
        let row = |it: &protocol::groups::Row| BallotRow {
            groups: it.groups.clone(),
            stripes: it.stripes.iter().filter(|it| it.is_trained).copied().collect(),
        };
        Self { norm, full_groups: n_full as u32, rows: groups.rows.iter().map(row).collect(), says: Ballots::Drop }
    }

    /// Groups that have scores: those of all rows.
    pub fn n_scores(&self) -> u32 {
        self.rows.iter().map(|it| it.groups.end).max().unwrap_or(0)
    }

    /// Bits of the longest ballot.
    pub(super) fn n_bits(&self) -> usize {
        match self.says {
            Ballots::Drop => self.full_groups as usize,
            Ballots::Order => order::n_bits(&self.rows.iter().map(|it| it.groups.len() as u32).collect::<Vec<_>>()),
        }
    }
}

/// Scores and nothing else.
pub(super) fn scores(ballot: &Ballot) -> Tape {
    reduced(ballot, Fixed::Weights)
}

/// What a vector with an entry for every weight comes to over groups.
pub(super) fn reduced(ballot: &Ballot, from: Fixed) -> Tape {
    let mut tape = Tape::default();
    for params in ballot.rows.iter().flat_map(|it| reductions(it, ballot.norm)) {
        tape.push(Call::Reduce(params), [from, Fixed::Scores].map(Place::Fixed));
    }
    tape
}

/// Scores, selects and packs. Where weights are masked, the dead have scores too and must not be selected.
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
                tape.push(Call::Lowest(lowest::Params { first, groups, row }), [scores, quotas, drops]);
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

/// The calls that score a row: with the first stripe its groups begin anew, or with nothing if there is none.
fn reductions(row: &BallotRow, norm: Norm) -> Vec<reduce::Params> {
    if row.stripes.is_empty() {
        let (group, nothing) = (Run::of(row.groups.len() as u32), Run::of(0));
        let stripe = Stripe { start: 0, outer: nothing, group, inner: nothing, role: Role::Own, is_trained: true };
        return vec![reduction(row, &stripe, 0, norm)];
    }
    row.stripes.iter().enumerate().map(|(at, it)| reduction(row, it, u32::from(at > 0), norm)).collect()
}

/// A stripe as a call.
fn reduction(row: &BallotRow, stripe: &Stripe, keeps: u32, norm: Norm) -> reduce::Params {
    let Stripe { start, outer, group, inner, .. } = *stripe;
    reduce::Params {
        start,
        outer: outer.n,
        outer_stride: outer.stride,
        groups: group.n,
        group_stride: group.stride,
        inner: inner.n,
        // A run of one entry may say 0, which the kernel does not take.
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

    /// Groups of one coordinate each.
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
