//! Sample: some of those present, drawn without replacement.

use serde::{Deserialize, Serialize};

use super::{Choose, sorted};
use crate::random;

/// A random cohort of fixed size (McMahan et al. 2017: m of K clients a round).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// Clients asked, 1 to 1,000,000; all who are present where they are fewer.
    pub n: u32,
}

impl Choose for Sample {
    fn choose(&self, present: &[u32], seed: u64) -> Vec<u32> {
        let clients = sorted(present);
        let order = random::permutation(seed, 0, clients.len());
        let drawn: Vec<u32> = order.iter().take(self.n as usize).map(|it| clients[*it as usize]).collect();
        sorted(&drawn)
    }

    fn problem(&self) -> Option<String> {
        let n = self.n;
        (!(1..=1_000_000).contains(&n)).then(|| format!("n = {n} must be from 1 to 1000000"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_of_a_hundred_are_ten_and_everyone_has_the_same_chance() {
        let present: Vec<u32> = (0..100).collect();
        let mut asked = [0; 100];
        for seed in 0..2000 {
            let cohort = Sample { n: 10 }.choose(&present, seed);
            assert_eq!(cohort.len(), 10);
            cohort.iter().for_each(|it| asked[*it as usize] += 1);
        }
        // 2,000 · 10/100 = 200 times each, deviation √(200 · 0.9) = 13.4.
        assert!(asked.iter().all(|it| (140..260).contains(it)), "{asked:?}");
    }

    #[test]
    fn where_fewer_are_present_all_are_asked() {
        assert_eq!(Sample { n: 10 }.choose(&[5, 2], 1), [2, 5]);
    }
}
