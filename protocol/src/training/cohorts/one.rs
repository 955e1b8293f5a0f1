//! One: a single client, by its number.

use super::Choose;
use crate::settings;

settings! {
    /// A single client, by its number (Jiang et al. 2022, PruneFL's initial pruning).
    pub struct One {
        /// Number of the client, from 0; while this client is away, no round starts.
        client: u32,
    }
}

impl Choose for One {
    fn choose(&self, present: &[u32], _seed: u64) -> Vec<u32> {
        present.iter().find(|it| **it == self.client).copied().into_iter().collect()
    }

    fn most(&self) -> Option<u32> {
        Some(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_stands_in_for_the_one() {
        assert_eq!(One { client: 2 }.choose(&[0, 2, 3], 7), [2]);
        assert_eq!(One { client: 2 }.choose(&[0, 3], 7), [0; 0]);
    }
}
