//! Layer-equal: every row keeps the same share of its groups.

use super::{Asked, Share, Standing, left};
use crate::choices::{Rounded, Rounding};
use crate::settings;

settings! {
    /// Every row keeps the same share of its groups, the share that the schedule sets for the whole model.
    pub struct LayerEqual {
        /// How a fraction of groups becomes a number of groups.
        rounding: Rounding = Rounding::HalfUp,
        /// The number that is rounded.
        round_what: Rounded = Rounded::Kept,
    }
}

impl Share for LayerEqual {
    fn keep(&self, rows: &[Standing<'_>], asked: &Asked) -> Vec<u32> {
        let rounding = (self.rounding, self.round_what);
        let keep = |it: &Standing<'_>| it.possible(left(asked.budget, None, it.size(), it.alive, rounding));
        rows.iter().map(keep).collect()
    }
}
