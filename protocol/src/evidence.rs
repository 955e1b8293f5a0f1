//! Evidence: where a criterion's gradients come from.

pub mod none;
pub mod update;
pub mod steps;
pub mod rounds;
pub mod batches;
pub mod curvature;

use serde::{Deserialize, Serialize};

use crate::choices::{Fold, Grain, Moment, Norm, Over, Sends, Travels};
use crate::graph::Graph;
use crate::registry;

registry! {
    /// Where gradients come from.
    pub enum Evidence: Witness {
        "none" => none::None,
        "update" => update::Update,
        "steps" => steps::Steps,
        "rounds" => rounds::Rounds,
        "batches" => batches::Batches,
        "curvature" => curvature::Curvature,
    }
}

/// What brings gradients, as data: coordinator and clients read this and not the entry.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
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
    /// A client folds every step's.
    Steps {
        /// How steps become one.
        fold: Fold,
        /// Of what it sends a number.
        of: Grain,
        /// When it sends them.
        every: Sends,
    },
    /// A client squares what a round's come to, times its samples; those of alive weights are read from updates.
    Rounds,
    /// A client takes those of some batches at one and the same weights; what it sends is their mean.
    Batches {
        /// Batches at most.
        n: u32,
        /// Samples of a batch.
        size: u16,
        /// How batches become one.
        fold: Fold,
        /// What it sends of them.
        travels: Travels,
    },
    /// A client takes the Gauss-Newton diagonal of the mean loss.
    Curvature {
        /// Samples at most.
        samples: Option<u32>,
    },
}

/// What brings gradients.
pub trait Witness {
    /// The source.
    fn source(&self) -> Source;

    /// A part of the model of which it knows nothing.
    fn refuses(&self, _graph: &Graph) -> Option<&'static str> {
        None
    }
}

/// Where a round stands between mask events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// It ends in one.
    Event,
    /// One is yet to come in its stage.
    Before,
    /// None comes any more.
    After,
}

impl Source {
    /// Whether clients gather anything in such a round, and whether they send it.
    pub fn asks(self, occasion: Occasion) -> Option<Sending> {
        let at_event = if occasion == Occasion::Event { Sending::Now } else { Sending::Later };
        match (self, occasion) {
            (Self::Nothing | Self::Updates { .. }, _) | (_, Occasion::After) => None,
            (Self::Steps { every: Sends::Round, .. }, _) => Some(Sending::Now),
            (Self::Steps { every: Sends::Event, .. } | Self::Rounds, _) => Some(at_event),
            (Self::Batches { .. } | Self::Curvature { .. }, Occasion::Event) => Some(Sending::Now),
            (Self::Batches { .. } | Self::Curvature { .. }, Occasion::Before) => None,
        }
    }

    /// Whether clients send anything at any time.
    pub fn is_sent(self) -> bool {
        self.asks(Occasion::Event).is_some()
    }

    /// Whether it looks at samples without training on them.
    pub fn only_looks(self) -> bool {
        matches!(self, Self::Batches { .. } | Self::Curvature { .. })
    }

    /// Samples that one look takes at most, of so many.
    pub fn most_looked_at(self, n_samples: u32) -> u32 {
        match self {
            Self::Nothing | Self::Updates { .. } | Self::Steps { .. } | Self::Rounds => 0,
            Self::Batches { n, size, .. } => n.saturating_mul(size.into()).min(n_samples),
            Self::Curvature { samples } => samples.unwrap_or(u32::MAX).min(n_samples),
        }
    }

    /// Whether the coordinator reads it, or part of it, from updates.
    pub fn reads_updates(self) -> bool {
        matches!(self, Self::Updates { .. } | Self::Rounds)
    }

    /// Whether a mask event forgets what led to it. What fades by itself is not forgotten.
    pub fn is_forgotten(self) -> bool {
        !matches!(self, Self::Updates { momentum, .. } if momentum < 1.0)
    }

    /// Whether it is of groups.
    pub fn is_of_groups(self) -> bool {
        matches!(self, Self::Steps { of: Grain::Groups, .. })
    }

    /// How many gradients become one number; second derivatives count as squares.
    pub fn fold(self) -> Fold {
        match self {
            Self::Nothing => Fold::Sum,
            Self::Updates { fold, .. } | Self::Steps { fold, .. } | Self::Batches { fold, .. } => fold,
            Self::Rounds | Self::Curvature { .. } => Fold::Square,
        }
    }

    /// Whether clients send products with their weights.
    pub fn is_scored(self) -> bool {
        matches!(self, Self::Batches { travels: Travels::Scores, .. })
    }

    /// Whether what clients send can be below 0.
    pub fn is_signed(self) -> bool {
        self.fold() == Fold::Sum && !self.is_scored()
    }
}

/// When what is gathered is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// With this round's contribution.
    Now,
    /// With a later one.
    Later,
}

/// What a client must know of its stage's evidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gathering {
    /// Where gradients come from.
    pub source: Source,
    /// Of which weights, where they are looked at without training: those that came, or what training made of them.
    pub at: Moment,
    /// How a group's entries become one number, where a number is sent for every group: L1 or mean.
    pub norm: Norm,
    /// Which of its entries.
    pub over: Over,
}
