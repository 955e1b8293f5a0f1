//! Masks on the wire: an identity, and the bits only for clients that do not know them, in the shorter coding.

use serde::{Deserialize, Serialize};

use super::fixed;
use crate::groups::Groups;
use crate::mask::{Mask, PackedMask, coding};
use crate::prune;

/// A mask on the wire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MaskOn {
    /// Digest of the mask, by which contributions refer to it.
    #[serde(with = "fixed")]
    pub id: u64,
    /// The bits, if the client does not know them.
    pub bits: MaskBits,
}

/// The bits of a mask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum MaskBits {
    /// The client already has the mask with this identity.
    Known,
    /// Every group is alive.
    Full,
    /// One bit per group.
    Bitmap(PackedMask),
    /// Gaps between the rarer bits ([`coding`]).
    Gaps(#[serde(with = "serde_bytes")] Vec<u8>),
    /// Drawn at random on both sides from a seed.
    Drawn(Lot),
}

/// How a random mask is drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lot {
    /// A number of groups of each row, drawn from a seed.
    Random {
        /// The seed.
        #[serde(with = "fixed")]
        seed: u64,
        /// Number of groups of each row.
        keep: Vec<u32>,
    },
}

impl MaskOn {
    /// A mask sent as its identity only.
    pub fn known(mask: &Mask) -> Self {
        Self { id: mask.id(), bits: MaskBits::Known }
    }

    /// A mask with its bits, in the shortest coding; at equal length as a bitmap.
    pub fn new(mask: &Mask) -> Self {
        let n_set = mask.count();
        let bits = if n_set == mask.len() {
            MaskBits::Full
        } else if coding::is_gaps_shorter(mask.len(), n_set) {
            MaskBits::Gaps(coding::gaps(mask))
        } else {
            MaskBits::Bitmap(PackedMask(mask.to_bytes()))
        };
        Self { id: mask.id(), bits }
    }

    /// A mask that both sides draw.
    pub fn drawn(groups: &Groups, lot: Lot) -> Self {
        Self { id: lot.draw(groups).id(), bits: MaskBits::Drawn(lot) }
    }

    /// The mask itself, given the last known one; `None` when the mask does not fit the groups, is unknown, or does not
    /// match its identity.
    pub fn mask(&self, groups: &Groups, known: Option<&Mask>) -> Option<Mask> {
        let len = groups.n_groups();
        let mask = match &self.bits {
            MaskBits::Known => known.cloned(),
            MaskBits::Full => Some(Mask::full(len)),
            MaskBits::Bitmap(bytes) => Mask::from_bytes(len, &bytes.0),
            MaskBits::Gaps(bytes) => coding::from_gaps(len, bytes),
            MaskBits::Drawn(lot) => lot.fits(groups).then(|| lot.draw(groups)),
        };
        mask.filter(|it| it.len() == len && it.id() == self.id)
    }
}

impl Lot {
    fn fits(&self, groups: &Groups) -> bool {
        let Self::Random { keep, .. } = self;
        keep.len() == groups.rows.len() && keep.iter().zip(&groups.rows).all(|(keep, row)| *keep as usize <= row.len())
    }

    fn draw(&self, groups: &Groups) -> Mask {
        let Self::Random { seed, keep } = self;
        prune::drawn(groups, keep, *seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::groups::{Form, Row};

    fn groups(n: u32) -> Groups {
        let row = Row {
            name: "a".into(),
            layer: "a".into(),
            groups: 0..n,
            stripes: vec![],
            space: None,
            deviation: 0.0,
            own_len: 1,
        };
        Groups { form: Form::Masked, rows: vec![row], others: vec![] }
    }

    #[test]
    fn every_coding_gives_the_mask_back() {
        let groups = groups(400);
        for mask in [Mask::full(400), Mask::from_fn(400, |it| it % 2 == 0), Mask::from_fn(400, |it| it % 40 == 0)] {
            assert_eq!(MaskOn::new(&mask).mask(&groups, None), Some(mask.clone()));
            assert_eq!(MaskOn::known(&mask).mask(&groups, Some(&mask)), Some(mask));
        }
        let lot = Lot::Random { seed: 7, keep: vec![100] };
        let drawn = MaskOn::drawn(&groups, lot).mask(&groups, None).expect("both sides draw the same mask");
        assert_eq!(drawn.count(), 100);
    }

    #[test]
    fn the_shorter_coding_is_taken() {
        let coded = |every: usize| MaskOn::new(&Mask::from_fn(400, |it| it % every == 0)).bits;
        assert!(matches!(coded(2), MaskBits::Bitmap(_)));
        assert!(matches!(coded(40), MaskBits::Gaps(_)));
    }

    #[test]
    fn a_mask_that_is_not_the_one_meant_is_refused() {
        let (groups, mask) = (groups(8), Mask::from_fn(8, |it| it > 0));
        assert_eq!(MaskOn::known(&mask).mask(&groups, None), None, "nothing is known");
        assert_eq!(MaskOn::known(&mask).mask(&groups, Some(&Mask::full(8))), None, "a different mask is known");
        let wrong = MaskOn { id: 1, ..MaskOn::new(&mask) };
        assert_eq!(wrong.mask(&groups, None), None);
        let too_many = MaskBits::Drawn(Lot::Random { seed: 1, keep: vec![9] });
        assert_eq!(MaskOn { id: 1, bits: too_many }.mask(&groups, None), None);
    }
}
