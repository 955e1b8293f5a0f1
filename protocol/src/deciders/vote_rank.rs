//! Vote rank: the units with most votes to drop go, exactly as many as the quota.

use serde::{Deserialize, Serialize};

use super::{Decide, Question};
use crate::ballot::lowest;
use crate::mask::Mask;

/// Ranks by votes, then by the coordinator's own norm (weaker goes first), then by the lower index. Monotone and exact
/// in its budget; b dishonest ballots move a unit's count by at most b (algorithms: MPFL, consensus by rank).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoteRank {}

impl Decide for VoteRank {
    fn decide(&self, question: Question<'_>) -> Mask {
        let Question { mask, spaces, quotas, tally, energies } = question;
        let gone = lowest(mask, spaces, quotas, |a, b| {
            tally.votes[b].cmp(&tally.votes[a]).then(energies[a].total_cmp(&energies[b]))
        });
        Mask::from_fn(mask.len(), |it| mask.has(it) && !gone.contains(&it))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ballot::Tally;

    #[test]
    fn most_votes_go_first_and_norms_break_ties() {
        let mask = Mask::full(4);
        let tally = Tally { n_ballots: 3, votes: vec![1, 2, 1, 0] };
        let question = Question {
            mask: &mask,
            spaces: &[0..4, 4..4],
            quotas: &[2, 0],
            tally: &tally,
            energies: &[5.0, 9.0, 4.0, 1.0],
        };
        assert_eq!(VoteRank {}.decide(question).iter().collect::<Vec<_>>(), [0, 3]);
    }
}
