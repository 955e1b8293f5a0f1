//! Server: the coordinator scores its own weights.

use super::{Decide, Question, Verdict};
use crate::settings;
use crate::tally::Ballots;

settings! {
    /// The coordinator scores its own weights, and nobody votes.
    pub struct Server {}
}

impl Decide for Server {
    fn decide<'a>(&self, question: Question<'a>) -> Verdict<'a> {
        Verdict::Scores(question.scores.into())
    }

    fn ballots(&self) -> Option<Ballots> {
        None
    }

    fn is_exact(&self) -> bool {
        true
    }
}
