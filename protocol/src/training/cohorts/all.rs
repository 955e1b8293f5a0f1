//! All: every present client takes part.

use super::{Choose, sorted};
use crate::settings;

settings! {
    /// Every present client.
    pub struct All {}
}

impl Choose for All {
    fn choose(&self, present: &[u32], _seed: u64) -> Vec<u32> {
        sorted(present)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_is_asked() {
        assert_eq!(All {}.choose(&[3, 1, 2], 0), [1, 2, 3]);
    }
}
