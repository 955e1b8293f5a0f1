//! Adaptive: more important rows keep more groups, and the total budget is met exactly.

use super::{Asked, Share, Standing, left_in_all};
use crate::settings;

settings! {
    /// More important rows keep more groups: row l keeps min(cap, max(floor, c · (I_l / mean I)^gamma)) of its groups,
    /// where I_l is the row's mean score and c is chosen to meet the total budget (Lin et al. 2022, Federated Pruning;
    /// the formula is ours).
    pub struct Adaptive {
        /// Exponent of importance; 0 gives every row the same share.
        gamma: f64 [from(0.0).up_to(10.0)] = 1.0,
        /// Smallest share that a row keeps.
        floor: f64 [from(0.0).up_to(1.0)] = 0.05,
        /// Largest share that a row keeps.
        cap: f64 [above(0.0).up_to(1.0)] = 1.0,
        /// Whether importance is divided by the standard deviation of the row's initial weights, since wide layers
        /// start with small weights.
        per_init: bool = false,
    }
}

impl Adaptive {
    fn importance(&self, row: &Standing<'_>) -> f64 {
        let mean = row.scores.iter().sum::<f64>() / f64::from(row.size().max(1));
        if self.per_init && row.init_std > 0.0 { mean / row.init_std } else { mean }
    }

    fn shares(&self, factors: &[f64], c: f64) -> Vec<f64> {
        factors.iter().map(|it| (c * it).max(self.floor).min(self.cap)).collect()
    }
}

impl Share for Adaptive {
    fn keep(&self, rows: &[Standing<'_>], asked: &Asked) -> Vec<u32> {
        let total = f64::from(left_in_all(rows, asked.budget));
        let importance: Vec<f64> = rows.iter().map(|it| self.importance(it)).collect();
        let mean = importance.iter().sum::<f64>() / importance.len().max(1) as f64;
        let factors: Vec<f64> =
            importance.iter().map(|it| if mean > 0.0 { (it / mean).powf(self.gamma) } else { 1.0 }).collect();
        let filled = |c: f64| -> f64 {
            self.shares(&factors, c).iter().zip(rows).map(|(share, row)| share * f64::from(row.size())).sum()
        };
        let (mut low, mut high) = (0.0, 1.0);
        while filled(high) < total && high < 1e12 {
            high *= 2.0;
        }
        for _ in 0..200 {
            let middle = f64::midpoint(low, high);
            if filled(middle) < total { low = middle } else { high = middle }
        }
        exact(rows, &self.shares(&factors, high), total as u32)
    }

    fn knows_before(&self) -> bool {
        false
    }

    fn idle(&self) -> Option<&'static str> {
        let floor = (self.floor > self.cap).then_some("floor");
        floor.or((self.gamma == 0.0 && self.per_init).then_some("per_init"))
    }

    fn knows_total(&self) -> bool {
        // Floor and cap may make the budget impossible to meet.
        false
    }
}

/// Converts shares to numbers of groups: rounded down, then one more each for the largest remainders until the total is
/// met.
fn exact(rows: &[Standing<'_>], shares: &[f64], total: u32) -> Vec<u32> {
    let wanted: Vec<f64> = shares.iter().zip(rows).map(|(share, row)| share * f64::from(row.size())).collect();
    // Bisection may end slightly beside whole numbers.
    let mut keep: Vec<u32> = wanted.iter().zip(rows).map(|(it, row)| row.possible((it + 1e-6).floor())).collect();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let remainder = |it: &usize| wanted[*it] - wanted[*it].floor();
    order.sort_by(|a, b| remainder(b).total_cmp(&remainder(a)).then(a.cmp(b)));
    for at in order {
        let is_short = keep.iter().sum::<u32>() < total;
        if is_short && wanted[at] - f64::from(keep[at]) > 1e-6 {
            keep[at] = rows[at].possible(f64::from(keep[at] + 1));
        }
    }
    keep
}
