//! Resample: every round trains a part of the model that is drawn for it, and the whole is what lasts.

use super::{Fate, Move, Row};
use crate::choices::Draw;
use crate::settings;

settings! {
    /// Every round trains a part of the model that is drawn for it, as large as the schedule says, and the whole is
    /// what lasts (Caldas et al. 2018, Federated Dropout).
    pub struct Resample {
        /// For whom a part is drawn.
        draw: Draw = Draw::Client,
        /// Whether a slower device gets a smaller part: its measured tier, in sixteenths, of the share.
        tiers: bool = false,
        /// Whether what a part computes is scaled up to what the whole would: inputs of a layer are multiplied by the
        /// units before it over those in the part, 1/p. The paper does not say; without, the whole sees larger sums than
        /// any part did.
        rescale: bool = true,
    }
}

impl Move for Resample {
    fn fates(&self, row: &Row<'_>, _round: u32) -> Vec<Fate> {
        vec![Fate::Stands; row.n]
    }

    fn draws(&self) -> Option<Draw> {
        Some(self.draw)
    }

    fn idle(&self) -> Option<&'static str> {
        (self.tiers && self.draw == Draw::Round).then_some("tiers")
    }

    fn is_tiered(&self) -> bool {
        self.tiers
    }

    fn rescales(&self) -> bool {
        self.rescale
    }
}
