//! Rewind: survivors return to earlier weights (Frankle & Carbin 2019; Gez & Cohen 2023, MPFL).

use super::{Origin, Restart};
use crate::settings;

settings! {
    /// Survivors return to earlier weights, so that a level leaves nothing but its mask (Frankle & Carbin 2019, lottery
    /// tickets; Gez & Cohen 2023, MPFL).
    pub struct Rewind {
        /// `start` for the initial weights, or the name of an earlier stage for the weights at its end (Morcos et al.
        /// 2019).
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
