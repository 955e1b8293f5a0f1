//! Majority: what at least half of the voters keep stays.

use super::{Decide, Question, Verdict};
use crate::settings;

settings! {
    /// What at least half of the voters keep stays, whatever share that leaves.
    pub struct Majority {}
}

impl Decide for Majority {
    fn decide<'a>(&self, question: Question<'a>) -> Verdict<'a> {
        let tally = question.tally;
        Verdict::Stands((0..question.fates.len()).map(|it| 2 * tally.keeps(it) >= tally.n_ballots).collect())
    }
}
