//! Conservative first: what anyone keeps stays, and more voices are asked for only while too little would go.

use super::{Decide, Question, Verdict, first_that_meets};
use crate::choices::Of;
use crate::settings;

settings! {
    /// What anyone keeps stays, and more voices are asked for only while too little would go: keeps what one, then two,
    /// … then all of N voters keep, and stops at the first number under which a row loses the share that it must lose.
    pub struct ConservativeFirst {
        /// Of what the share is that must be gone, when the schedule drops a share of what remains.
        required: Of = Of::Remaining,
    }
}

impl Decide for ConservativeFirst {
    fn decide<'a>(&self, question: Question<'a>) -> Verdict<'a> {
        first_that_meets(question, |n| (1..=n).collect())
    }

    fn required(&self) -> Of {
        self.required
    }
}
