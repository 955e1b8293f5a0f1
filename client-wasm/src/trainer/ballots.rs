//! Ballots: what a device is told of a vote, what it packed, and what is drawn by lot instead.

use engine::devices::DeviceError;
use protocol::cut::cut;
use protocol::groups::Groups;
use protocol::mask::{Mask, PackedMask};
use protocol::order;
use protocol::random;
use protocol::tally::Ballots;
use protocol::wire::Vote;

/// A vote that is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) says: Ballots,
    pub(super) groups: &'a Groups,
    pub(super) mask: &'a Mask,
    /// How many groups of each row go.
    pub(super) quotas: &'a [u32],
}

impl Asked<'_> {
    /// A number for every row: its quota, or the bit at which its order begins.
    pub(super) fn of_rows(&self) -> Vec<u32> {
        match self.says {
            Ballots::Drop => self.quotas.to_vec(),
            Ballots::Order => order::starts(&self.groups.alive(self.mask))[..self.quotas.len()].to_vec(),
        }
    }

    /// A ballot as a device packed it.
    ///
    /// # Errors
    /// When it is none: the kernels must have chosen exactly the quota of every row among the alive, or have ordered these.
    pub(super) fn read(&self, mut words: Vec<u32>) -> Result<Vote, DeviceError> {
        let n = self.says.n_bits(self.groups, self.mask);
        words.truncate(n.div_ceil(32));
        let ballot = Mask::from_words(n, words).filter(|it| self.is_cast(it));
        ballot.map(|it| self.vote(&it)).ok_or_else(|| DeviceError::Lost { reason: "it packed no ballot".into() })
    }

    fn is_cast(&self, ballot: &Mask) -> bool {
        let Self { groups, mask, quotas, .. } = *self;
        match self.says {
            Ballots::Drop => {
                let mut rows = groups.rows.iter().zip(quotas);
                rows.all(|(row, quota)| ballot.count_in(row.range()) == *quota as usize) && ballot.is_subset_of(mask)
            }
            Ballots::Order => order::ranks(groups, mask, ballot).is_ok(),
        }
    }

    /// A ballot drawn by lot: the quota of each row among the alive, or an order of these.
    pub(super) fn drawn(&self, seed: u64) -> Vote {
        let Self { groups, mask, quotas, .. } = *self;
        let ballot = match self.says {
            Ballots::Drop => lots(groups, mask, quotas, seed),
            Ballots::Order => {
                order::written(groups, mask, |group, later| random::below(seed, 0, group as u64, later.len() + 1))
            }
        };
        self.vote(&ballot)
    }

    fn vote(&self, ballot: &Mask) -> Vote {
        let bits = PackedMask(ballot.to_bytes());
        match self.says {
            Ballots::Drop => Vote::Drop(bits),
            Ballots::Order => Vote::Order(bits),
        }
    }
}

fn lots(groups: &Groups, mask: &Mask, quotas: &[u32], seed: u64) -> Mask {
    let mut ballot = Mask::empty(mask.len());
    for (row, quota) in groups.rows.iter().zip(quotas) {
        let alive = || mask.iter_in(row.range());
        let lot = |it: usize| random::unit_f64(seed, 0, it as u64);
        let mut stays = cut(|| alive().map(lot), *quota as usize).judge();
        alive().filter(|it| !stays(lot(*it))).for_each(|it| ballot.set(it));
    }
    ballot
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::groups::{Form, Row};

    fn four() -> Groups {
        let row = Row {
            name: "a".into(),
            layer: "a".into(),
            groups: 0..4,
            stripes: vec![],
            space: None,
            deviation: 0.0,
            own_len: 1,
        };
        Groups { form: Form::Narrow, rows: vec![row], others: vec![] }
    }

    #[test]
    fn a_ballot_of_the_dead_or_beside_its_quota_is_the_devices_fault() {
        let (groups, mask, says) = (four(), Mask::from_fn(4, |it| it > 0), Ballots::Drop);
        let asked = Asked { says, groups: &groups, mask: &mask, quotas: &[1] };
        assert_eq!((asked.of_rows(), asked.read(vec![0b0010])), (vec![1], Ok(Vote::Drop(PackedMask(vec![0b0010])))));
        assert!(asked.read(vec![0b0001]).is_err());
        assert!(asked.read(vec![0b0110]).is_err());
    }

    #[test]
    fn numbers_that_no_order_has_are_the_devices_fault() {
        // Three are alive: a bit for the second of them, and two for the first, which has two later ones.
        let (groups, mask, says) = (four(), Mask::from_fn(4, |it| it > 0), Ballots::Order);
        let asked = Asked { says, groups: &groups, mask: &mask, quotas: &[1] };
        assert_eq!((asked.of_rows(), asked.read(vec![0b101])), (vec![0], Ok(Vote::Order(PackedMask(vec![0b101])))));
        assert!(asked.read(vec![0b110]).is_err(), "three of two");
        assert!(asked.read(vec![0b1000]).is_err(), "a fourth bit");
    }

    #[test]
    fn every_order_is_drawn_about_as_often() {
        let (groups, mask, says) = (four(), Mask::from_fn(4, |it| it > 0), Ballots::Order);
        let asked = Asked { says, groups: &groups, mask: &mask, quotas: &[1] };
        let mut times = std::collections::BTreeMap::new();
        for seed in 0..6000 {
            let Vote::Order(bits) = asked.drawn(random::derive(seed, "ballot", 0)) else { panic!("an order") };
            *times.entry(bits.0).or_insert(0) += 1;
        }
        assert_eq!(times.len(), 6, "{times:?}");
        assert!(times.values().all(|it| (900..1100).contains(it)), "{times:?}");
    }
}
