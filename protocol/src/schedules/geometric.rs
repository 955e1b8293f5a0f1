//! Geometric: every level keeps the same share of what the level before it kept.

use serde::{Deserialize, Serialize};

use super::Pace;

/// Reaches `target_density` in `levels` equal factors, one every `every` rounds from round `start` on
/// (MPFL's `(1 − p)^level`, Frankle & Carbin's levels).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Geometric {
    /// Share of units alive at the end, above 0 and up to 1.
    pub target_density: f64,
    /// Prunings on the way, at least 1.
    pub levels: u32,
    /// Round (from 0) after which the first units go.
    #[serde(default)]
    pub start: u32,
    /// Rounds from one pruning to the next, at least 1.
    #[serde(default = "one")]
    pub every: u32,
}

fn one() -> u32 {
    1
}

impl Pace for Geometric {
    fn density_after(&self, round: u32) -> f64 {
        let Some(since) = round.checked_sub(self.start) else { return 1.0 };
        let level = (since / self.every + 1).min(self.levels);
        self.target_density.powf(f64::from(level) / f64::from(self.levels))
    }

    fn settles_after(&self) -> u32 {
        self.start + (self.levels - 1) * self.every
    }

    fn problem(&self) -> Option<String> {
        if !(self.target_density > 0.0 && self.target_density <= 1.0) {
            return Some(format!("target_density = {} must be above 0 and at most 1", self.target_density));
        }
        if self.levels == 0 || self.levels > 10_000 {
            return Some(format!("levels = {} must be from 1 to 10000", self.levels));
        }
        if self.every == 0 || self.every > 10_000 {
            return Some(format!("every = {} must be from 1 to 10000", self.every));
        }
        if self.start > 1_000_000 {
            return Some(format!("start = {} must be at most 1000000", self.start));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_in_equal_factors() {
        let pace = Geometric { target_density: 0.25, levels: 2, start: 1, every: 3 };
        let densities: Vec<f64> = (0..6).map(|it| pace.density_after(it)).collect();
        assert_eq!(densities, [1.0, 0.5, 0.5, 0.5, 0.25, 0.25]);
        assert_eq!(pace.settles_after(), 4);
    }
}
