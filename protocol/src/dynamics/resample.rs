//! Resample: every round trains a randomly drawn part of the model; the mask stays full.

use super::{Fate, Move, Row};
use crate::choices::Draw;
use crate::settings;

settings! {
    /// Every round trains a randomly drawn part of the model, as large as the schedule says; the whole model is the
    /// result (Caldas et al. 2018, Federated Dropout).
    pub struct Resample {
        /// For whom a part is drawn.
        draw: Draw = Draw::Client,
        /// Whether a slower device gets a smaller part: the share times its measured tier, in sixteenths.
        tiers: bool = false,
        /// Whether activations of a part are scaled to those of the whole: the inputs of a layer are multiplied by 1/p,
        /// the number of units before it over the number of those in the part. The paper does not say; without scaling,
        /// the whole model sees larger sums than any part did.
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
