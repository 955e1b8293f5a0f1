//! Settled: a stage ends once the mask hardly changes any more.

use serde::{Deserialize, Serialize};

use super::{Seen, Stop};

/// The last `times` mask events each changed at most `change` of the groups (Jiang et al. 2022: PruneFL's initial pruning
/// ends after five changes in a row of at most 10 %). Rounds between events do not count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settled {
    /// Share of groups that may still change, at least 0 and below 1.
    pub change: f64,
    /// Events in a row, 1 to 10,000.
    pub times: u32,
}

impl Stop for Settled {
    fn is_reached(&self, past: &[Seen]) -> bool {
        let events = past.iter().rev().filter(|it| it.is_event);
        let n_calm = events.take(self.times as usize).take_while(|it| it.change <= self.change).count();
        n_calm == self.times as usize
    }

    fn problem(&self) -> Option<String> {
        let Self { change, times } = *self;
        let wrong_change = || format!("change = {change} must be at least 0 and below 1");
        let wrong_times = || format!("times = {times} must be from 1 to 10000");
        let problem = (!(0.0..1.0).contains(&change)).then(wrong_change);
        problem.or_else(|| (!(1..=10_000).contains(&times)).then(wrong_times))
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
