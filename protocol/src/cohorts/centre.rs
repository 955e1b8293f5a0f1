//! Centre: the one client that holds all data pooled.

use serde::{Deserialize, Serialize};

use super::{Choose, sorted};

/// Training without federation, through the same rounds: the host brings the client, and asks whom it is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Centre {}

impl Choose for Centre {
    fn choose(&self, present: &[u32], _seed: u64) -> Vec<u32> {
        sorted(present)
    }

    fn is_centre(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_told_to_bring_the_pooled_data() {
        assert!(Centre {}.is_centre());
        assert_eq!(Centre {}.choose(&[8], 0), [8]);
    }
}
