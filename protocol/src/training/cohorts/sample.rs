//! Sample: some of the present clients, drawn without replacement.

use super::{Choose, sorted};
use crate::random;
use crate::settings;

settings! {
    /// Some of the present clients, drawn without replacement (McMahan et al. 2017: m of K clients per round).
    pub struct Sample {
        /// Number of clients; all present ones where there are fewer.
        n: u32 [from(1.0).up_to(1e6)],
    }
}

impl Choose for Sample {
    fn choose(&self, present: &[u32], seed: u64) -> Vec<u32> {
        let clients = sorted(present);
        let order = random::permutation(seed, 0, clients.len());
        let drawn: Vec<u32> = order.iter().take(self.n as usize).map(|it| clients[*it as usize]).collect();
        sorted(&drawn)
    }

    fn most(&self) -> Option<u32> {
        Some(self.n)
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
