//! Prune and grow: strong groups live, weak ones go or compete again, and dead groups come back.

use super::{Fate, Move, Row};
use crate::choices::{Grow, Norm, Over, Scale};
use crate::criteria::{Factor, Term};
use crate::cut::cut;
use crate::settings;

settings! {
    /// Strong groups live, and some of the rest come back. In every row the weakest share κ of the living groups either
    /// competes again with all dead ones (Jiang et al. 2022, PruneFL: weak by magnitude), or goes while as many dead
    /// groups come back (Mocanu et al. 2018, SET; Evci et al. 2020, RigL: weak by the criterion, there magnitude).
    pub struct PruneGrow {
        /// Share κ of the living groups that competes again, or goes, at first.
        kappa: f64 [above(0.0).up_to(1.0)],
        /// Rounds of the stage until κ has halved. Default: κ stays constant.
        half_life: Option<f64> [above(0.0)] = None,
        /// How dead groups come back. With `gradient` and `random`, as many come back as go, so that the number of
        /// living groups is constant.
        grow: Grow = Grow::Gamma,
    }
}

impl PruneGrow {
    /// Share κ after this many rounds.
    pub fn kappa_after(&self, round: u32) -> f64 {
        self.kappa * self.half_life.map_or(1.0, |it| 0.5_f64.powf(f64::from(round) / it))
    }

    /// Number of weak groups among `n_alive` living ones; at least one group is always safe.
    fn n_weak(&self, n_alive: usize, round: u32) -> usize {
        ((self.kappa_after(round) * n_alive as f64).floor() as usize).min(n_alive.saturating_sub(1))
    }

    /// Fates where the weak compete again with the dead. The threshold is the strength of the weakest safe group;
    /// groups of equal strength are safe too.
    fn standing_again(&self, row: &Row<'_>, round: u32) -> Vec<Fate> {
        let alive = || (0..row.n).filter(|it| (row.is_alive)(*it)).map(row.strength);
        let n = alive().count();
        let threshold = cut(alive, (self.n_weak(n, round) + 1).min(n));
        let is_safe = |it: usize| (row.is_alive)(it) && threshold.is_reached((row.strength)(it));
        (0..row.n).map(|it| if is_safe(it) { Fate::Lives } else { Fate::Stands }).collect()
    }

    /// Fates where as many weak groups go as there are dead ones to replace them; of equal ones the lower number goes
    /// first.
    fn swapped(&self, row: &Row<'_>, round: u32) -> Vec<Fate> {
        let alive = || (0..row.n).filter(|it| (row.is_alive)(*it)).map(row.strength);
        let n = alive().count();
        let mut is_safe = cut(alive, self.n_weak(n, round).min(row.n - n)).judge();
        let fate = |it: usize| match (row.is_alive)(it) {
            true if is_safe((row.strength)(it)) => Fate::Lives,
            true => Fate::Dies,
            false => Fate::Stands,
        };
        (0..row.n).map(fate).collect()
    }
}

impl Move for PruneGrow {
    fn fates(&self, row: &Row<'_>, round: u32) -> Vec<Fate> {
        match self.grow {
            Grow::Gamma => self.standing_again(row, round),
            Grow::Gradient | Grow::Random => self.swapped(row, round),
        }
    }

    fn needs_strengths(&self) -> bool {
        true
    }

    fn may_regrow(&self) -> bool {
        true
    }

    fn grows_by(&self) -> Option<Factor> {
        let term = match self.grow {
            Grow::Gamma => return None,
            Grow::Gradient => Term::Gradient,
            Grow::Random => Term::Noise,
        };
        Some(Factor { term, norm: Norm::L2, over: Over::Own, scale: Scale::None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAMMA: PruneGrow = PruneGrow { kappa: 0.5, half_life: None, grow: Grow::Gamma };

    #[test]
    fn kappa_halves_with_its_half_life() {
        let it = PruneGrow { kappa: 0.3, half_life: Some(10_000.0), ..GAMMA };
        assert_eq!((it.kappa_after(0), it.kappa_after(10_000)), (0.3, 0.15));
        assert_eq!(PruneGrow { half_life: None, ..it }.kappa_after(10_000), 0.3);
    }

    /// Fates of a row whose fifth group, if there is one, is dead.
    fn fates(it: &PruneGrow, strengths: &[f64]) -> Vec<Fate> {
        it.fates(&Row { n: strengths.len(), is_alive: &|at| at != 4, strength: &|at| strengths[at] }, 0)
    }

    #[test]
    fn the_strong_live_with_all_that_equal_them() {
        // Of four living groups two may compete, but both of strength 3 are safe; the dead one competes, whatever its
        // value.
        let expected = [Fate::Lives, Fate::Lives, Fate::Stands, Fate::Lives, Fate::Stands];
        assert_eq!(fates(&GAMMA, &[4.0, 3.0, 2.0, 3.0, 9.0]), expected);
    }

    #[test]
    fn as_many_go_as_there_are_to_come_back() {
        for grow in [Grow::Gradient, Grow::Random] {
            let it = PruneGrow { grow, ..GAMMA };
            // Two of four are weak, but only one is dead: the weaker of the two goes, of equal ones the first.
            let expected = [Fate::Lives, Fate::Dies, Fate::Lives, Fate::Lives, Fate::Stands];
            assert_eq!(fates(&it, &[4.0, 2.0, 2.0, 3.0, 9.0]), expected);
            assert_eq!(fates(&it, &[4.0, 2.0, 2.0, 3.0]), [Fate::Lives; 4], "nobody to swap with");
        }
    }
}
