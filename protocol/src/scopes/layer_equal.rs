//! Layer-equal: every space keeps the same share of its units.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::Share;
use crate::mask::Mask;

/// Each space is pruned to the density that the schedule asks of the whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerEqual {}

impl Share for LayerEqual {
    fn quotas(&self, spaces: &[Range<usize>], mask: &Mask, density: f64) -> Vec<u16> {
        let quota = |units: &Range<usize>| {
            let keep = ((units.len() as f64 * density).round() as usize).max(1);
            mask.count_in(units.clone()).saturating_sub(keep) as u16
        };
        spaces.iter().map(quota).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_down_to_the_density_and_never_to_nothing() {
        let spaces = [0..300, 300..400];
        let quotas = |mask: &Mask, density| LayerEqual {}.quotas(&spaces, mask, density);
        assert_eq!(quotas(&Mask::full(400), 0.9), [30, 10]);
        assert_eq!(quotas(&Mask::from_fn(400, |it| it % 2 == 0), 0.5), [0, 0]);
        assert_eq!(quotas(&Mask::full(400), 0.0), [299, 99]);
    }
}
