//! Never: a stage runs all its rounds.

use super::{Seen, Stop};
use crate::settings;

settings! {
    /// A stage runs all its rounds.
    pub struct Never {}
}

impl Stop for Never {
    fn is_reached(&self, _past: &[Seen]) -> bool {
        false
    }

    fn ends_early(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_it() {
        let perfect = Seen { density: 0.0, change: 0.0, is_event: true, accuracy: Some(1.0) };
        assert!(!Never {}.is_reached(&[perfect; 1000]));
    }
}
