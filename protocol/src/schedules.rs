//! Schedules: how much must be left after each round.

pub mod geometric;

use crate::registry;

registry! {
    /// Density as a function of rounds.
    pub enum Schedule: Pace { "geometric" => geometric::Geometric, }
}

/// How density falls over a session.
pub trait Pace {
    /// Share of units to be alive once round `round` (from 0) is committed.
    fn density_after(&self, round: u32) -> f64;

    /// The first round after which density never changes again.
    fn settles_after(&self) -> u32;

    /// What is out of range: key, value and what is allowed.
    fn problem(&self) -> Option<String>;
}
