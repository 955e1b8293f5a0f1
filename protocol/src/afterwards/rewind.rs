//! Rewind: survivors return to w0 before every level (Frankle & Carbin 2019; Gez & Cohen 2023, MPFL).

use serde::{Deserialize, Serialize};

use super::Restart;

/// Masks are all that the mask search keeps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rewind {}

impl Restart for Rewind {
    fn rewinds(&self) -> bool {
        true
    }
}
