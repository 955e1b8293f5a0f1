//! Rewind: survivors return to what they were before (Frankle & Carbin 2019; Gez & Cohen 2023, MPFL).

use super::{Origin, Restart};
use crate::settings;

settings! {
    /// Survivors return to what they were before, so that masks are all that a level leaves (Frankle & Carbin 2019,
    /// lottery tickets; Gez & Cohen 2023, MPFL).
    pub struct Rewind {
        /// `start` for the initial weights, or the name of an earlier stage for those with which it ended (Morcos et al. 2019).
        to: String = "start".into(),
    }
}

impl Restart for Rewind {
    fn origin(&self) -> Origin {
        match self.to.as_str() {
            "start" => Origin::Start,
            stage => Origin::End(stage.into()),
        }
    }
}
