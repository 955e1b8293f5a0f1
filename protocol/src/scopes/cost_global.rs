//! Cost-global: maximises the gain of a round divided by its time.

use super::{Asked, Share, Standing};
use crate::dynamics::Fate;
use crate::schedules::Budget;
use crate::settings;

settings! {
    /// Maximises the gain of a round divided by its time: groups are added in the order of gain per time as long as
    /// each one raises Γ = Δ / T (Jiang et al. 2022, PruneFL). Needs the schedule free, and `cost`.
    pub struct CostGlobal {}
}

/// A candidate group.
#[derive(Clone, Copy)]
struct Candidate {
    gain: f64,
    time: f64,
    row: u32,
}

impl Share for CostGlobal {
    fn keep(&self, rows: &[Standing<'_>], asked: &Asked) -> Vec<u32> {
        let time = |it: &Standing<'_>| it.tau * f64::from(it.own_len);
        let (mut gain, mut spent) = (asked.unprunable, asked.constant);
        let mut keep: Vec<u32> = rows.iter().map(Standing::lives).collect();
        let mut candidates = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            gain += row.worth(Fate::Lives).sum::<f64>();
            spent += f64::from(keep[at]) * time(row);
            candidates.extend(row.candidates().map(|gain| Candidate { gain, time: time(row), row: at as u32 }));
        }
        let ratio = |it: &Candidate| if it.time > 0.0 { it.gain / it.time } else { f64::INFINITY };
        candidates.sort_unstable_by(|a, b| ratio(b).total_cmp(&ratio(a)).then(a.row.cmp(&b.row)));
        let most = most(rows, asked.budget);
        let free = most.saturating_sub(keep.iter().sum());
        for it in candidates.into_iter().take(free as usize) {
            // A strict comparison: a group that leaves Γ unchanged would cost time without benefit.
            if it.gain * spent <= gain * it.time {
                break;
            }
            gain += it.gain;
            spent += it.time;
            keep[it.row as usize] += 1;
        }
        rows.iter().zip(keep).map(|(row, keep)| row.possible(f64::from(keep))).collect()
    }

    fn knows_before(&self) -> bool {
        false
    }

    fn is_free(&self) -> bool {
        true
    }
}

/// Largest number of living groups that a budget allows.
fn most(rows: &[Standing<'_>], budget: Budget) -> u32 {
    let all: u32 = rows.iter().map(Standing::size).sum();
    match budget {
        Budget::Free { cap: Some(cap) } => (f64::from(all) * cap).round() as u32,
        Budget::Free { cap: None } | Budget::Nothing | Budget::Same | Budget::Keep(_) | Budget::Drop { .. } => all,
    }
}
