//! Alive: how many groups of every row live, as far as the rules say.

/// Groups alive in every row: the least and the most that the rules allow.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Alive {
    pub(super) least: Vec<u32>,
    pub(super) most: Vec<u32>,
}

impl Alive {
    pub(super) fn is_known(&self) -> bool {
        self.least == self.most
    }

    /// What one of the two allows.
    pub(super) fn or(self, other: &Self) -> Self {
        let fold = |a: Vec<u32>, b: &[u32], pick: fn(u32, u32) -> u32| {
            a.into_iter().zip(b).map(|(a, b)| pick(a, *b)).collect()
        };
        Self { least: fold(self.least, &other.least, u32::min), most: fold(self.most, &other.most, u32::max) }
    }

    /// Whether a mask within one of them certainly is none within the other.
    pub(super) fn differs(&self, other: &Self) -> bool {
        let is_apart = |it: usize| self.most[it] < other.least[it] || other.most[it] < self.least[it];
        (0..self.least.len()).any(is_apart)
    }
}
