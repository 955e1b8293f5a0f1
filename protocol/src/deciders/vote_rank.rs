//! Vote rank: the groups with most votes to drop go, exactly as many as the scope says.

use super::{Decide, Question, Verdict};
use crate::settings;

settings! {
    /// The groups with most votes to drop go, exactly as many as the scope says; of equal votes what the coordinator
    /// finds worth less, then the lower index. b dishonest ballots move a group's count by at most b.
    pub struct VoteRank {}
}

impl Decide for VoteRank {
    fn decide<'a>(&self, question: Question<'a>) -> Verdict<'a> {
        let Question { rows, scores, tally, .. } = question;
        let mut places = vec![0.0; scores.len()];
        for row in rows {
            let mut order: Vec<usize> = row.clone().collect();
            order.sort_unstable_by(|&a, &b| {
                tally.drops[b].cmp(&tally.drops[a]).then(scores[a].total_cmp(&scores[b])).then(a.cmp(&b))
            });
            order.iter().enumerate().for_each(|(place, it)| places[*it] = place as f64);
        }
        Verdict::Scores(places.into())
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

    #[test]
    fn most_votes_go_first_and_scores_break_ties() {
        let tally = Tally { n_ballots: 3, drops: vec![1, 2, 1, 0], ..Tally::default() };
        let verdict = VoteRank {}.decide(Question {
            rows: &[0..4],
            fates: &[Fate::Stands; 4],
            scores: &[5.0, 9.0, 4.0, 1.0],
            tally: &tally,
            required: &[0.5],
        });
        assert_eq!(verdict, Verdict::Scores(vec![2.0, 0.0, 1.0, 3.0].into()));
    }
}
