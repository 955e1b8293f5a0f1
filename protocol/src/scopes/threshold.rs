//! Threshold: every row keeps the groups above a multiple of its weights' standard deviation.

use super::{Asked, Share, Standing};
use crate::dynamics::Fate;
use crate::settings;

settings! {
    /// Every row keeps the groups whose score is at least q times the standard deviation of its living weights (Han et
    /// al. 2015). The deviation is the population's: the paper does not say. Needs the schedule level without `drop`.
    pub struct Threshold {
        /// Multiple of the standard deviation.
        q: f64 [above(0.0).up_to(100.0)],
    }
}

impl Share for Threshold {
    fn keep(&self, rows: &[Standing<'_>], _asked: &Asked) -> Vec<u32> {
        let keep = |it: &Standing<'_>| {
            let above = it.worth(Fate::Stands).filter(|score| *score >= self.q * it.deviation).count();
            it.possible(f64::from(it.lives()) + above as f64)
        };
        rows.iter().map(keep).collect()
    }

    fn knows_before(&self) -> bool {
        false
    }

    fn has_shares(&self) -> bool {
        true
    }
}
