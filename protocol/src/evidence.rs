//! Evidence: where a criterion's gradients come from.

pub mod none;
pub mod update;

use crate::choices::Fold;
use crate::registry;

registry! {
    /// Where gradients come from.
    pub enum Evidence: Witness { "none" => none::None, "update" => update::Update, }
}

/// What brings gradients, as data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    /// Nothing does.
    Nothing,
    /// The coordinator reads them from updates: (received − trained) / η is the sum of a client's gradients.
    Updates {
        /// How clients and rounds become one.
        fold: Fold,
        /// Share of the old sum that stays from one round to the next.
        momentum: f64,
    },
}

/// What brings gradients.
pub trait Witness {
    /// The source.
    fn source(&self) -> Source;
}
