//! None: no gradients, for criteria that look at weights alone.

use super::{Source, Witness};
use crate::settings;

settings! {
    /// No gradients: for criteria that look at weights alone.
    pub struct None {}
}

impl Witness for None {
    fn source(&self) -> Source {
        Source::Nothing
    }
}
