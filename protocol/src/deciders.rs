//! Deciders: who says which groups go.

pub mod server;
pub mod vote_rank;
pub mod unanimity_first;
pub mod conservative_first;
pub mod majority;
pub mod borda;

use std::borrow::Cow;
use std::ops::Range;

use crate::choices::Of;
use crate::dynamics::Fate;
use crate::registry;
use crate::tally::{Ballots, Tally};

registry! {
    /// How the next mask is found.
    pub enum Decider: Decide {
        "server" => server::Server,
        "vote_rank" => vote_rank::VoteRank,
        "unanimity_first" => unanimity_first::UnanimityFirst,
        "conservative_first" => conservative_first::ConservativeFirst,
        "majority" => majority::Majority,
        "borda" => borda::Borda,
    }
}

/// What a decision may look at.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Groups of each row.
    pub rows: &'a [Range<usize>],
    /// What happens to each group unless it is chosen.
    pub fates: &'a [Fate],
    /// What each group is worth to the coordinator.
    pub scores: &'a [f64],
    /// Votes; empty when nobody was asked.
    pub tally: &'a Tally,
    /// For each row the share of its groups that must be gone, when voters were asked for what is left.
    pub required: &'a [f64],
}

impl Question<'_> {
    /// Votes to keep a group. Nobody keeps what is dead, about which nobody is asked.
    pub fn keeps(&self, group: usize) -> u32 {
        if self.fates[group] == Fate::Dies { 0 } else { self.tally.keeps(group) }
    }
}

/// What a decision says.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict<'a> {
    /// As many as the scope says stand, by these scores.
    Scores(Cow<'a, [f64]>),
    /// These groups stand, however many they are.
    Stands(Vec<bool>),
}

/// How scores and votes become a mask.
pub trait Decide {
    /// Which groups stand.
    fn decide<'a>(&self, question: Question<'a>) -> Verdict<'a>;

    /// What clients say who vote; `None` where nobody does.
    fn ballots(&self) -> Option<Ballots> {
        Some(Ballots::Drop)
    }

    /// Whether clients vote.
    fn asks_voters(&self) -> bool {
        self.ballots().is_some()
    }

    /// Whether its verdict keeps exactly as many groups as the scope says.
    fn is_exact(&self) -> bool {
        false
    }

    /// A key that was given and that the others leave without effect.
    fn idle(&self) -> Option<&'static str> {
        None
    }

    /// Of what the share is that must be gone.
    fn required(&self) -> Of {
        Of::Remaining
    }
}

/// The first of these thresholds on votes to keep under which a row has lost the share that it must lose, else the last.
fn first_that_meets(question: Question<'_>, thresholds: impl Fn(u32) -> Vec<u32>) -> Verdict<'static> {
    let mut stands = vec![false; question.fates.len()];
    for (row, required) in question.rows.iter().zip(question.required) {
        let lost = |threshold: u32| {
            let gone = row.clone().filter(|it| question.keeps(*it) < threshold).count();
            gone as f64 / row.len().max(1) as f64
        };
        let thresholds = thresholds(question.tally.n_ballots);
        let meets = thresholds.iter().find(|it| lost(**it) >= required - 1e-9);
        let threshold = meets.or(thresholds.last()).copied().unwrap_or(0);
        row.clone().for_each(|it| stands[it] = question.keeps(it) >= threshold);
    }
    Verdict::Stands(stands)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands of one row for these votes to keep of four voters, at least this share of all groups having to go.
    fn standing(text: &str, keeps: &[u32], required: f64) -> Vec<usize> {
        let decider: Decider = serde_json::from_str(text).expect("a decider");
        let tally = Tally { n_ballots: 4, drops: keeps.iter().map(|it| 4 - it).collect(), ..Tally::default() };
        let (scores, fates) = (vec![1.0; keeps.len()], vec![Fate::Stands; keeps.len()]);
        let (rows, required_of) = ([0..keeps.len()], [required]);
        let verdict = decider.decide(Question {
            rows: &rows,
            fates: &fates,
            scores: &scores,
            tally: &tally,
            required: &required_of,
        });
        match verdict {
            Verdict::Stands(stands) => (0..keeps.len()).filter(|it| stands[*it]).collect(),
            // As the scope would: the best, as many as are not required to go.
            Verdict::Scores(scores) => {
                let n_gone = (required * keeps.len() as f64).round() as usize;
                let mut judge = crate::cut::cut(|| scores.iter().copied(), n_gone).judge();
                (0..keeps.len()).filter(|it| judge(scores[*it])).collect()
            }
        }
    }

    const UNANIMITY: &str = r#"{"kind":"unanimity_first"}"#;
    const CONSERVATIVE: &str = r#"{"kind":"conservative_first"}"#;
    const MAJORITY: &str = r#"{"kind":"majority"}"#;
    const RANK: &str = r#"{"kind":"vote_rank"}"#;

    #[test]
    fn four_rules_read_the_same_votes_differently() {
        let votes = [4, 4, 3, 2, 0];
        assert_eq!(standing(UNANIMITY, &votes, 0.4), [0, 1]);
        assert_eq!(standing(CONSERVATIVE, &votes, 0.4), [0, 1, 2]);
        assert_eq!(standing(RANK, &votes, 0.4), [0, 1, 2]);
        assert_eq!(standing(MAJORITY, &votes, 0.4), [0, 1, 2, 3]);
    }

    #[test]
    fn unanimity_that_cannot_meet_its_share_falls_through_to_anyone() {
        let votes = [4, 4, 4, 4, 1];
        assert_eq!(standing(UNANIMITY, &votes, 0.4), [0, 1, 2, 3, 4]);
        assert_eq!(standing(CONSERVATIVE, &votes, 0.4), [0, 1, 2, 3]);
    }

    #[test]
    fn rules_by_threshold_may_keep_nothing() {
        // Every voter drops another one: the floor, which comes later, is needed.
        assert_eq!(standing(UNANIMITY, &[3; 5], 0.4), [0_usize; 0]);
        assert_eq!(standing(CONSERVATIVE, &[3; 5], 0.4), [0_usize; 0]);
    }

    #[test]
    fn b_bad_voters_move_a_count_by_at_most_b() {
        let honest = Tally { n_ballots: 7, drops: vec![7, 3, 0], ..Tally::default() };
        let mut joined = honest.clone();
        for _ in 0..3 {
            joined.count(&crate::mask::Mask::from_fn(3, |it| it != 0));
        }
        for group in 0..3 {
            let share = |it: &Tally| f64::from(it.keeps(group)) / f64::from(it.n_ballots);
            assert!((share(&joined) - share(&honest)).abs() <= 3.0 / 10.0 + 1e-12);
        }
    }
}
