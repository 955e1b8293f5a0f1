//! Claim: what a method should reach, and whether the results over several seeds confirm it.

use crate::figure::Figure;

/// A claim about the mean over the seeds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Claim {
    /// Higher accuracy than with the same number of groups drawn at random.
    BeatsLot,
    /// At most this many percentage points of accuracy below the dense network.
    WithinDense(f64),
    /// Higher accuracy than the same recipe with groups pruned by magnitude.
    BeatsMagnitude,
    /// Share of living groups below this one, found by the method itself.
    DensityBelow(f64),
}

/// Results to check a claim against, one value per seed.
pub(crate) struct Found {
    pub(crate) density: Vec<f64>,
    pub(crate) method: Vec<f64>,
    pub(crate) dense: Vec<f64>,
    pub(crate) lot: Vec<f64>,
    pub(crate) magnitude: Vec<f64>,
}

impl Claim {
    /// The verdict, with the figure that decides.
    pub(crate) fn verdict(self, found: &Found) -> String {
        match self {
            Self::BeatsLot => led("groups by lot", Figure::lead(&found.method, &found.lot)),
            Self::BeatsMagnitude => led("magnitude", Figure::lead(&found.method, &found.magnitude)),
            Self::WithinDense(points) => {
                let below = Figure::lead(&found.dense, &found.method);
                said(100.0 * below.mean <= points, &format!("within {points} points of dense: {below} below"))
            }
            Self::DensityBelow(most) => {
                let density = Figure::of(&found.density);
                said(density.mean < most, &format!("density below {:.0} %: {density} %", 100.0 * most))
            }
        }
    }
}

fn led(over: &str, lead: Figure) -> String {
    let close = if lead.mean.abs() <= lead.spread { ", less than the spread" } else { "" };
    said(lead.mean > 0.0, &format!("beats {over}: by {lead} points{close}"))
}

/// The verdict as a sentence.
pub(crate) fn said(holds: bool, claim: &str) -> String {
    format!("{} – {claim}", if holds { "holds" } else { "**does not hold**" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_follows_from_the_means_and_says_by_how_much() {
        let found = Found {
            density: vec![0.4, 0.6],
            method: vec![0.97, 0.97],
            dense: vec![0.98, 0.98],
            lot: vec![0.95, 0.96],
            magnitude: vec![0.97, 0.98],
        };
        assert_eq!(Claim::BeatsLot.verdict(&found), "holds – beats groups by lot: by 1.50 ± 0.71 points");
        let magnitude = Claim::BeatsMagnitude.verdict(&found);
        assert!(
            magnitude.starts_with("**does not hold**") && magnitude.ends_with("less than the spread"),
            "{magnitude}"
        );
        assert!(Claim::WithinDense(1.1).verdict(&found).starts_with("holds"));
        assert!(Claim::WithinDense(0.9).verdict(&found).starts_with("**does not hold**"));
        assert!(Claim::DensityBelow(0.5).verdict(&found).starts_with("**does not hold**"));
        assert!(Claim::DensityBelow(0.6).verdict(&found).starts_with("holds"));
    }
}
