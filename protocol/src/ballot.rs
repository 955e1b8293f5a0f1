//! Ballots: a client marks exactly its quota of units to drop in every space; the count decides.

use std::ops::Range;

use crate::mask::Mask;

/// The `quota` lowest-scored alive units of every space; ties go to the lower index. This is the definition that the
/// selection kernel is held to. `scores` has one entry per unit, dead ones are ignored.
///
/// # Panics
/// If a space has fewer alive units than its quota.
pub fn cast(scores: &[f32], mask: &Mask, spaces: &[Range<usize>], quotas: &[u16]) -> Mask {
    let drop = lowest(mask, spaces, quotas, |a, b| scores[a].total_cmp(&scores[b]));
    Mask::from_fn(mask.len(), |it| drop.contains(&it))
}

/// Counts ballots: for every unit how many would drop it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Ballots counted.
    pub n_ballots: u32,
    /// Votes to drop, per unit.
    pub votes: Vec<u32>,
}

impl Tally {
    /// Nothing counted yet.
    pub fn new(n_units: usize) -> Self {
        Self { n_ballots: 0, votes: vec![0; n_units] }
    }

    /// Counts one ballot.
    pub fn count(&mut self, ballot: &Mask) {
        self.n_ballots += 1;
        for unit in ballot.iter() {
            self.votes[unit] += 1;
        }
    }
}

/// The first `quota` alive units of every space in an order; equal ones by the lower index.
///
/// # Panics
/// If a space has fewer alive units than its quota.
pub fn lowest(
    mask: &Mask,
    spaces: &[Range<usize>],
    quotas: &[u16],
    order: impl Fn(usize, usize) -> std::cmp::Ordering,
) -> std::collections::BTreeSet<usize> {
    let mut chosen = std::collections::BTreeSet::new();
    for (units, quota) in spaces.iter().zip(quotas) {
        let mut alive: Vec<usize> = units.clone().filter(|&it| mask.has(it)).collect();
        alive.sort_by(|&a, &b| order(a, b));
        chosen.extend(&alive[..usize::from(*quota)]);
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_do_not_drop_more_than_the_quota() {
        let ballot = cast(&[1.0, 1.0, 1.0, 5.0, 4.0], &Mask::full(5), &[0..3, 3..5], &[2, 1]);
        assert_eq!(ballot.iter().collect::<Vec<_>>(), [0, 1, 4]);
    }

    #[test]
    fn the_dead_are_not_voted_on() {
        let mut mask = Mask::full(3);
        mask.clear(0);
        let ballot = cast(&[0.0, 2.0, 1.0], &mask, &[0..3, 3..3], &[1, 0]);
        assert_eq!(ballot.iter().collect::<Vec<_>>(), [2]);
    }
}
