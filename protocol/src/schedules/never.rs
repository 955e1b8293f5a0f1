//! Never: no mask event, for stages that only train the result of earlier stages.

use super::{At, Budget, Pace, Reach};
use crate::settings;

settings! {
    /// No mask event: for stages that only train the result of earlier stages.
    pub struct Never {}
}

impl Pace for Never {
    fn after(&self, _at: &At) -> Budget {
        Budget::Nothing
    }

    fn reach(&self) -> Reach {
        Reach::Nowhere
    }
}
