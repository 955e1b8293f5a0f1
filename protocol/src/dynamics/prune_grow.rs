//! Prune and grow: the strong live, everyone else stands again, the dead included.

use super::{Fate, Move, Row};
use crate::cut::cut;
use crate::settings;

settings! {
    /// The strong live, and everyone else stands again: in every row the weakest κ of the living, by magnitude, and all
    /// dead (Jiang et al. 2022, PruneFL).
    pub struct PruneGrow {
        /// Share κ of the living that stands, at first.
        kappa: f64 [above(0.0).up_to(1.0)],
        /// Rounds of the stage until κ is half of that. Default: κ stays.
        half_life: Option<f64> [above(0.0)] = None,
    }
}

impl PruneGrow {
    /// Share of the living that stands after so many rounds.
    pub fn kappa_after(&self, round: u32) -> f64 {
        self.kappa * self.half_life.map_or(1.0, |it| 0.5_f64.powf(f64::from(round) / it))
    }
}

impl Move for PruneGrow {
    fn fates(&self, row: &Row<'_>, round: u32) -> Vec<Fate> {
        let alive = || (0..row.n).filter(|it| (row.is_alive)(*it)).map(row.strength);
        let n = alive().count();
        // The threshold is the strength of the first that is safe, and what equals it is safe too.
        let n_standing = ((self.kappa_after(round) * n as f64).floor() as usize).min(n.saturating_sub(1));
        let threshold = cut(alive, (n_standing + 1).min(n));
        let is_safe = |it: usize| (row.is_alive)(it) && threshold.is_reached((row.strength)(it));
        (0..row.n).map(|it| if is_safe(it) { Fate::Lives } else { Fate::Stands }).collect()
    }

    fn needs_strengths(&self) -> bool {
        true
    }

    fn may_regrow(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kappa_halves_with_its_half_life() {
        let it = PruneGrow { kappa: 0.3, half_life: Some(10_000.0) };
        assert_eq!((it.kappa_after(0), it.kappa_after(10_000)), (0.3, 0.15));
        assert_eq!(PruneGrow { half_life: None, ..it }.kappa_after(10_000), 0.3);
    }

    #[test]
    fn the_strong_live_with_all_that_equal_them() {
        let it = PruneGrow { kappa: 0.5, half_life: None };
        let strengths = [4.0, 3.0, 2.0, 3.0, 9.0];
        let fates = it.fates(&Row { n: 5, is_alive: &|at| at != 4, strength: &|at| strengths[at] }, 0);
        // Of four alive two may stand, but both of strength 3 are safe; the dead one stands, whatever it holds.
        assert_eq!(fates, [Fate::Lives, Fate::Lives, Fate::Stands, Fate::Lives, Fate::Stands]);
    }
}
