//! Settled: a stage ends once the mask hardly changes any more.

use super::{Seen, Stop};
use crate::settings;

settings! {
    /// The mask hardly changes any more: the last `times` mask events each changed at most `change` of the groups
    /// (Jiang et al. 2022: PruneFL's initial pruning ends after five changes in a row of at most 10 %). Rounds between
    /// events do not count.
    pub struct Settled {
        /// Share of groups that may still change.
        change: f64 [from(0.0).below(1.0)],
        /// Events in a row.
        times: u32 [from(1.0).up_to(10_000.0)],
    }
}

impl Stop for Settled {
    fn is_reached(&self, past: &[Seen]) -> bool {
        let events = past.iter().rev().filter(|it| it.is_event);
        let n_calm = events.take(self.times as usize).take_while(|it| it.change <= self.change).count();
        n_calm == self.times as usize
    }

    fn least_events(&self) -> u32 {
        self.times
    }

    fn looks_back(&self) -> u32 {
        self.times
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRUNEFL: Settled = Settled { change: 0.1, times: 5 };

    fn event(change: f64) -> Seen {
        Seen { density: 0.5, change, is_event: true, accuracy: None }
    }

    #[test]
    fn five_calm_events_in_a_row_and_not_four() {
        let mut past: Vec<Seen> = [0.4, 0.1, 0.1, 0.05, 0.0].map(event).into();
        assert!(!PRUNEFL.is_reached(&past), "four");
        past.push(event(0.1));
        assert!(PRUNEFL.is_reached(&past), "five, the limit included");
        past.push(event(0.11));
        assert!(!PRUNEFL.is_reached(&past), "one that is not calm breaks the row");
        past.extend([0.0; 4].map(event));
        assert!(!PRUNEFL.is_reached(&past));
        past.push(event(0.0));
        assert!(PRUNEFL.is_reached(&past));
    }

    #[test]
    fn rounds_between_events_do_not_count() {
        let between = Seen { is_event: false, ..event(0.0) };
        assert!(!PRUNEFL.is_reached(&[between; 50]));
        let past: Vec<Seen> = (0..5).flat_map(|_| [between, event(0.1), between]).collect();
        assert!(PRUNEFL.is_reached(&past));
    }
}
