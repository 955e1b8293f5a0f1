//! Settled: a stage ends once the mask hardly changes.

use super::{Seen, Stop};
use crate::choices::Change;
use crate::settings;

settings! {
    /// The mask hardly changes: the last `times` mask events each changed at most `change` (Jiang et al. 2022:
    /// PruneFL's initial pruning ends after five consecutive changes of at most 10 % of the density). Rounds without an
    /// event do not count.
    pub struct Settled {
        /// Largest change that counts as settled.
        change: f64 [from(0.0).below(1.0)],
        /// Number of consecutive events.
        times: u32 [from(1.0).up_to(10_000.0)],
        /// How the change is measured; PruneFL's code uses the density.
        of: Change = Change::Groups,
    }
}

impl Settled {
    /// Whether the newer of two consecutive events, or the only event, changed little enough.
    fn is_calm(&self, newer: &Seen, older: Option<&Seen>) -> bool {
        let change = match self.of {
            Change::Groups => newer.change,
            Change::Density => older.map_or(f64::INFINITY, |it| (newer.density / it.density - 1.0).abs()),
        };
        change <= self.change
    }

    /// Number of events needed: a change of density is measured between two events.
    fn n_events(&self) -> u32 {
        match self.of {
            Change::Groups => self.times,
            Change::Density => self.times + 1,
        }
    }
}

impl Stop for Settled {
    fn is_reached(&self, past: &[Seen]) -> bool {
        let newest = || past.iter().rev().filter(|it| it.is_event);
        let older = newest().skip(1).map(Some).chain([None]);
        let calm = newest().zip(older).take(self.times as usize).take_while(|it| self.is_calm(it.0, it.1));
        calm.count() == self.times as usize
    }

    fn least_events(&self) -> u32 {
        self.n_events()
    }

    fn looks_back(&self) -> u32 {
        self.n_events()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE: Settled = Settled { change: 0.1, times: 5, of: Change::Groups };

    fn event(change: f64) -> Seen {
        Seen { density: 0.5, change, is_event: true, accuracy: None }
    }

    #[test]
    fn five_calm_events_in_a_row_and_not_four() {
        let mut past: Vec<Seen> = [0.4, 0.1, 0.1, 0.05, 0.0].map(event).into();
        assert!(!FIVE.is_reached(&past), "four");
        past.push(event(0.1));
        assert!(FIVE.is_reached(&past), "five calm events, the limit included");
        past.push(event(0.11));
        assert!(!FIVE.is_reached(&past), "a larger change restarts the count");
        past.extend([0.0; 4].map(event));
        assert!(!FIVE.is_reached(&past));
        past.push(event(0.0));
        assert!(FIVE.is_reached(&past));
    }

    #[test]
    fn rounds_between_events_do_not_count() {
        let between = Seen { is_event: false, ..event(0.0) };
        assert!(!FIVE.is_reached(&[between; 50]));
        let past: Vec<Seen> = (0..5).flat_map(|_| [between, event(0.1), between]).collect();
        assert!(FIVE.is_reached(&past));
    }

    #[test]
    fn a_density_settles_while_groups_still_come_and_go() {
        let at = |density| Seen { density, change: 0.4, is_event: true, accuracy: None };
        let twice = |past: &[f64]| {
            let past: Vec<Seen> = past.iter().map(|it| at(*it)).collect();
            let ends = |of| Settled { change: 0.1, times: 2, of }.is_reached(&past);
            (ends(Change::Density), ends(Change::Groups))
        };
        // 0.8 → 0.5 is a change of 37.5 %, 0.5 → 0.46 one of 8 %, 0.46 → 0.5 one of 8.7 %.
        assert_eq!(twice(&[0.8, 0.5, 0.46]), (false, false));
        assert_eq!(twice(&[0.8, 0.5, 0.46, 0.5]), (true, false));
        // The first event has no predecessor.
        assert_eq!(twice(&[0.5, 0.5]), (false, false));
        assert_eq!(twice(&[0.5, 0.5, 0.5]), (true, false));
    }
}
