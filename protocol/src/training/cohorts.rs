//! Cohorts: which of the present clients take part in a round.

pub mod all;
pub mod sample;
pub mod one;
pub mod centre;

use crate::registry;

registry! {
    /// Clients that take part in a round.
    pub enum Cohort: Choose {
        "all" => all::All,
        "sample" => sample::Sample,
        "one" => one::One,
        "centre" => centre::Centre,
    }
}

/// Chooses a cohort.
pub trait Choose {
    /// The chosen clients, in ascending order; depends only on the set of present clients and the seed, not on their
    /// order.
    fn choose(&self, present: &[u32], seed: u64) -> Vec<u32>;

    /// Largest number of clients chosen; `None` where all are.
    fn most(&self) -> Option<u32> {
        None
    }

    /// Whether the cohort is the client that holds all data, which only a host has.
    fn is_centre(&self) -> bool {
        false
    }
}

/// The present clients in ascending order.
fn sorted(present: &[u32]) -> Vec<u32> {
    let mut clients = present.to_vec();
    clients.sort_unstable();
    clients
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::problems;

    fn read(text: &str) -> Cohort {
        serde_json::from_str(text).expect("a cohort")
    }

    fn every() -> [Cohort; 4] {
        [
            r#"{"kind": "all"}"#,
            r#"{"kind": "sample", "n": 3}"#,
            r#"{"kind": "one", "client": 4}"#,
            r#"{"kind": "centre"}"#,
        ]
        .map(read)
    }

    #[test]
    fn every_entry_is_held_to_the_contract() {
        assert_eq!(every().map(|it| it.name()), Cohort::NAMES);
    }

    #[test]
    fn whoever_is_chosen_is_present_and_comes_once_in_order() {
        for cohort in every() {
            for present in [&[][..], &[4], &[7, 4, 1, 9, 2]] {
                for seed in 0..20 {
                    let chosen = cohort.choose(present, seed);
                    assert!(chosen.is_sorted_by(|a, b| a < b), "{cohort:?}: {chosen:?}");
                    assert!(chosen.iter().all(|it| present.contains(it)), "{cohort:?}: {chosen:?}");
                    let turned: Vec<u32> = present.iter().rev().copied().collect();
                    assert_eq!(chosen, cohort.choose(&turned, seed), "{cohort:?}");
                }
            }
        }
    }

    #[test]
    fn only_the_centre_asks_for_pooled_data() {
        assert_eq!(every().map(|it| it.is_centre()), [false, false, false, true]);
    }

    #[test]
    fn a_cohort_of_nobody_is_refused() {
        assert!(every().iter().all(|it| problems(it).is_empty()));
        let problem = |n| problems(&sample::Sample { n });
        assert_eq!(problem(0), ["n = 0 must be from 1 to 1000000"]);
        assert_eq!(problem(1_000_001), ["n = 1000001 must be from 1 to 1000000"]);
        assert!(serde_json::from_str::<Cohort>(r#"{"kind": "sample"}"#).is_err());
        assert!(serde_json::from_str::<Cohort>(r#"{"kind": "all", "n": 3}"#).is_err());
    }
}
