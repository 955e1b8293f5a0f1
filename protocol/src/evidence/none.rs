//! None: no gradients, for criteria that use weights alone.

use super::{Source, Witness};
use crate::settings;

settings! {
    /// No gradients: for criteria that use weights alone.
    pub struct None {}
}

impl Witness for None {
    fn source(&self) -> Source {
        Source::Nothing
    }
}
