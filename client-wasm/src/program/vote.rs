//! The vote as calls: scores of every group over all that is counted for it, the lowest of every row, bits over the full
//! model.

use std::ops::Range;

use protocol::graph::Graph;

use super::lifetimes::{Place, Tape};
use super::stripes::{Role, Run, Stripe, unit_rows};
use super::{Fixed, Trained};
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
        Self { norm: Norm::L2, full_groups: 0, rows: vec![] }
    }

    /// The units of a graph, each with all that belongs to it; the graph is what a mask left of a model that has
    /// `full_units` units.
    pub fn of_units(graph: &Graph, full_units: usize, norm: Norm) -> Self {
        let rows = unit_rows(graph).into_iter().map(|it| BallotRow { groups: it.groups, stripes: it.stripes });
        Self { norm, full_groups: full_units as u32, rows: rows.collect() }
    }

    /// Groups that have scores: those of all rows.
    pub fn n_scores(&self) -> u32 {
        self.rows.iter().map(|it| it.groups.end).max().unwrap_or(0)
    }
}

/// Scores and nothing else.
pub(super) fn scores(ballot: &Ballot) -> Tape {
    let mut tape = Tape::default();
    for params in ballot.rows.iter().flat_map(|it| reductions(it, ballot.norm)) {
        tape.push(Call::Reduce(params), [Fixed::Weights, Fixed::Scores].map(Place::Fixed));
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
        let params = lowest::Params { first: groups.start, groups: groups.len() as u32, row: at as u32 };
        tape.push(Call::Lowest(params), [scores, quotas, drops]);
    }
    tape.push(Call::Pack(pack::Params { groups: ballot.full_groups }), [places, drops, bits]);
    tape
}

/// The calls that score a row. Every group begins anew with the first stripe that covers it, or with nothing if none does.
fn reductions(row: &BallotRow, norm: Norm) -> Vec<reduce::Params> {
    let mut calls = Vec::new();
    let mut keeps = vec![0; row.groups.len()];
    for stripe in &row.stripes {
        let covered = &mut keeps[stripe.first as usize..][..stripe.group.n as usize];
        calls.extend(runs(covered).map(|(part, keeps)| reduction(row, stripe, part, keeps, norm)));
        covered.fill(1);
    }
    let run = Run { n: 0, stride: 0 };
    let nothing = Stripe { start: 0, outer: run, group: run, inner: run, first: 0, role: Role::Own };
    let uncovered = runs(&keeps).filter(|it| it.1 == 0);
    calls.extend(uncovered.map(|(part, keeps)| reduction(row, &nothing, part, keeps, norm)));
    calls
}

/// Stretches of equal values, each as its range and the value.
fn runs(values: &[u32]) -> impl Iterator<Item = (Range<u32>, u32)> {
    let mut end = 0;
    values.chunk_by(PartialEq::eq).map(move |run| {
        let start = end;
        end += run.len() as u32;
        (start..end, run[0])
    })
}

/// Part of a stripe as a call; `part` counts groups of the stripe.
fn reduction(row: &BallotRow, stripe: &Stripe, part: Range<u32>, keeps: u32, norm: Norm) -> reduce::Params {
    let Stripe { start, outer, group, inner, first, role: _ } = *stripe;
    reduce::Params {
        start: start + part.start * group.stride,
        outer: outer.n,
        outer_stride: outer.stride,
        groups: part.len() as u32,
        group_stride: group.stride,
        inner: inner.n,
        // A run of one entry may say 0, which the kernel does not take.
        inner_stride: inner.stride.max(1),
        first: row.groups.start + first + part.start,
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
    fn stripe(first: u32, n: u32, start: u32) -> Stripe {
        let once = Run { n: 1, stride: 1 };
        Stripe { start, outer: once, group: Run { n, stride: 2 }, inner: once, first, role: Role::Own }
    }

    #[test]
    fn a_row_begins_with_its_first_stripe() {
        let row = BallotRow { groups: 10..14, stripes: vec![stripe(0, 4, 100), stripe(0, 4, 200)] };
        assert_eq!(calls(&row), [[10, 4, 100, 0], [10, 4, 200, 1]]);
    }

    #[test]
    fn a_stripe_over_begun_and_other_groups_takes_a_call_for_each() {
        let row = BallotRow { groups: 10..14, stripes: vec![stripe(1, 2, 100), stripe(0, 4, 200)] };
        assert_eq!(calls(&row), [[11, 2, 100, 0], [10, 1, 200, 0], [11, 2, 202, 1], [13, 1, 206, 0]]);
    }

    #[test]
    fn a_group_in_no_stripe_scores_nothing() {
        let row = BallotRow { groups: 10..14, stripes: vec![stripe(1, 2, 100)] };
        assert_eq!(calls(&row), [[11, 2, 100, 0], [10, 1, 0, 0], [13, 1, 0, 0]]);
        let nothing = reductions(&row, Norm::L1)[1];
        assert_eq!((nothing.outer, nothing.inner), (0, 0));
    }
}
