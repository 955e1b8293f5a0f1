//! Centre: the one client that holds all data pooled.

use super::{Choose, sorted};
use crate::settings;

settings! {
    /// The one client that holds all data pooled, for training without federation through the same rounds; the host
    /// runs this client.
    pub struct Centre {}
}

impl Choose for Centre {
    fn choose(&self, present: &[u32], _seed: u64) -> Vec<u32> {
        sorted(present)
    }

    fn most(&self) -> Option<u32> {
        Some(1)
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
