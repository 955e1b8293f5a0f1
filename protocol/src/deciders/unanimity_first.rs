//! Unanimity first: what everyone keeps stays, and fewer voices suffice only while too little would go.

use super::{Decide, Question, Verdict, first_that_meets};
use crate::choices::Of;
use crate::settings;

settings! {
    /// What everyone keeps stays, unless a row would lose less than it must: then what anyone keeps stays (Gez & Cohen
    /// 2023, MPFL, as its authors' code has it, which counts down from N voters to one and stops at the first number
    /// that drops enough).
    pub struct UnanimityFirst {
        /// Of what the share is that must be gone, when the schedule drops a share of what remains.
        required: Of = Of::Remaining,
        /// Instead of counting down: keep what at least this quantile of all single votes keeps (0.95 in the authors' code).
        histogram: Option<f64> [from(0.0).up_to(1.0)] = None,
    }
}

impl Decide for UnanimityFirst {
    fn decide<'a>(&self, question: Question<'a>) -> Verdict<'a> {
        match self.histogram {
            Some(quantile) => by_quantile(question, quantile),
            None => first_that_meets(question, |n| (1..=n).rev().collect()),
        }
    }

    fn idle(&self) -> Option<&'static str> {
        (self.histogram.is_some() && self.required == Of::Total).then_some("required")
    }

    fn required(&self) -> Of {
        self.required
    }
}

/// Keeps what reaches the quantile of the pooled votes of its row, linearly interpolated as numpy does.
fn by_quantile(question: Question<'_>, quantile: f64) -> Verdict<'static> {
    let mut stands = vec![false; question.fates.len()];
    let n = question.tally.n_ballots;
    for row in question.rows {
        let ones: u64 = row.clone().map(|it| u64::from(question.keeps(it))).sum();
        let threshold = percentile(row.len() as u64 * u64::from(n) - ones, ones, quantile);
        row.clone().for_each(|it| stands[it] = f64::from(question.keeps(it)) >= threshold * f64::from(n));
    }
    Verdict::Stands(stands)
}

/// The quantile of so many zeros and so many ones.
fn percentile(zeros: u64, ones: u64, quantile: f64) -> f64 {
    let place = quantile * (zeros + ones).saturating_sub(1) as f64;
    let value = |at: f64| if at < zeros as f64 { 0.0 } else { 1.0 };
    let (below, above) = (value(place.floor()), value(place.ceil()));
    below + (above - below) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::Fate;
    use crate::tally::Tally;

    #[test]
    fn a_quantile_lies_between_two_votes() {
        assert!((percentile(19, 1, 0.95) - 0.05).abs() < 1e-12);
        assert_eq!((percentile(20, 0, 0.95), percentile(0, 20, 0.95), percentile(10, 10, 0.95)), (0.0, 1.0, 1.0));
    }

    #[test]
    fn nobody_keeps_what_is_dead() {
        // Two voters over 20 filters, so that of 40 votes the threshold lies between those at 37 and 38, counted from 0.
        let stands = |alive: usize, drops: &[u32]| {
            let (mut fates, mut tally) = (vec![Fate::Dies; 20], Tally { n_ballots: 2, ..Tally::new(20) });
            fates[..alive].fill(Fate::Stands);
            tally.drops[..drops.len()].copy_from_slice(drops);
            let scores = vec![1.0; 20];
            let question = Question { rows: &[0..20], fates: &fates, scores: &scores, tally: &tally, required: &[0.0] };
            let Verdict::Stands(stands) = by_quantile(question, 0.95) else { panic!("by votes") };
            (0..alive).filter(|it| stands[*it]).collect::<Vec<_>>()
        };
        assert_eq!(stands(3, &[0, 0, 1]), [0, 1], "35 zeros and five ones: the threshold is all voters");
        // 38 zeros and two ones: 0.05 of all voters. Were the dead kept by everybody, neither would stand.
        assert_eq!(stands(2, &[1, 1]), [0, 1]);
    }
}
