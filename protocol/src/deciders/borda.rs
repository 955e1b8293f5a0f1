//! Borda: voters order the groups of every row, and those whose ranks sum to least go.

use super::{Decide, Question, Verdict};
use crate::settings;
use crate::tally::Ballots;

settings! {
    /// Voters order the groups of every row, and the groups whose ranks sum to least go, exactly as many as the scope says; of
    /// equal sums the lower index (Borda 1781; of edges Mozaffari et al. 2023, FRL). b dishonest ballots move the sum of a group
    /// in a row of n by at most b·(n − 1). Orders of honest voters say more than their votes to drop, and dishonest ones do
    /// less harm than to `vote_rank` where about half of a row goes; where few go they do more.
    pub struct Borda {}
}

impl Decide for Borda {
    fn decide<'a>(&self, question: Question<'a>) -> Verdict<'a> {
        // Sums below 2⁵³ are floats to the bit, and of equal floats the lower index goes.
        Verdict::Scores((0..question.fates.len()).map(|it| question.tally.rank_sum(it) as f64).collect())
    }

    fn ballots(&self) -> Option<Ballots> {
        Some(Ballots::Order)
    }

    fn is_exact(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::Fate;
    use crate::tally::Tally;

    /// Ranks of groups a, b, c and d that each voter gives.
    fn tally(ballots: &[[u32; 4]]) -> Tally {
        let mut tally = Tally::new(4);
        ballots.iter().for_each(|it| tally.count_ranks(it));
        tally
    }

    fn sums(tally: &Tally) -> Verdict<'static> {
        // What the coordinator finds a group worth does not count.
        let (fates, scores) = ([Fate::Stands; 4], [9.0, 1.0, 5.0, 0.0]);
        let question = Question { rows: &[0..4], fates: &fates, scores: &scores, tally, required: &[0.5] };
        match (Borda {}).decide(question) {
            Verdict::Scores(it) => Verdict::Scores(it.into_owned().into()),
            Verdict::Stands(it) => Verdict::Stands(it),
        }
    }

    #[test]
    fn ranks_of_three_voters_are_summed() {
        // b a c d, b c a d and c b d a, what goes first first: a 1 + 2 + 3, b 0 + 0 + 1, c 2 + 1 + 0, d 3 + 3 + 2.
        let tally = tally(&[[1, 0, 2, 3], [2, 0, 1, 3], [3, 1, 0, 2]]);
        assert_eq!((tally.n_ballots, sums(&tally)), (3, Verdict::Scores(vec![6.0, 1.0, 3.0, 8.0].into())));
    }

    #[test]
    fn whom_everybody_ranks_low_goes_before_those_who_divide_voters() {
        // a b c d and d b c a: of votes to drop one a and d have one each, and b has none.
        let tally = tally(&[[0, 1, 2, 3], [3, 1, 2, 0]]);
        assert_eq!(sums(&tally), Verdict::Scores(vec![3.0, 2.0, 4.0, 3.0].into()));
    }

    #[test]
    fn without_orders_all_sums_are_equal() {
        assert_eq!(sums(&Tally::new(4)), Verdict::Scores(vec![0.0; 4].into()));
    }
}
