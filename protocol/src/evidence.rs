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

/// The source of gradients as data: coordinator and clients read this value and not the registry entry.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Source {
    /// No source.
    Nothing,
    /// The coordinator reads gradients from updates: (received − trained) / η is the sum of a client's gradients.
    Updates {
        /// How clients and rounds are combined.
        fold: Fold,
        /// Share of the old sum that is kept from one round to the next.
        momentum: f64,
    },
    /// A client folds the gradients of every step.
    Steps {
        /// How steps are combined.
        fold: Fold,
        /// What the client sends one number for.
        of: Grain,
        /// When the client sends the numbers.
        every: Sends,
    },
    /// A client squares its sum of gradients over a round, times its samples; for living weights the coordinator reads
    /// the sums from updates.
    Rounds,
    /// A client folds gradients of some batches at fixed weights and sends their mean.
    Batches {
        /// Largest number of batches.
        n: u32,
        /// Samples per batch.
        size: u16,
        /// How batches are combined.
        fold: Fold,
        /// What the client sends of the gradients.
        travels: Travels,
    },
    /// A client computes the Gauss-Newton diagonal of the mean loss.
    Curvature {
        /// Largest number of samples.
        samples: Option<u32>,
    },
}

/// Provides gradients for criteria.
pub trait Witness {
    /// The source of the gradients.
    fn source(&self) -> Source;

    /// Name of a part of the model that this evidence does not support, if there is one.
    fn refuses(&self, _graph: &Graph) -> Option<&'static str> {
        None
    }
}

/// Position of a round relative to mask events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// The round ends in a mask event.
    Event,
    /// A mask event is still to come in the round's stage.
    Before,
    /// No further mask event comes in the round's stage.
    After,
}

impl Source {
    /// Whether clients gather evidence in such a round, and when they send it.
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

    /// Whether clients ever send evidence.
    pub fn is_sent(self) -> bool {
        self.asks(Occasion::Event).is_some()
    }

    /// Whether this source looks at samples without training on them.
    pub fn only_looks(self) -> bool {
        matches!(self, Self::Batches { .. } | Self::Curvature { .. })
    }

    /// Largest number of samples, of `n_samples`, that this source looks at once.
    pub fn most_looked_at(self, n_samples: u32) -> u32 {
        match self {
            Self::Nothing | Self::Updates { .. } | Self::Steps { .. } | Self::Rounds => 0,
            Self::Batches { n, size, .. } => n.saturating_mul(size.into()).min(n_samples),
            Self::Curvature { samples } => samples.unwrap_or(u32::MAX).min(n_samples),
        }
    }

    /// Whether the coordinator reads this evidence, or part of it, from updates.
    pub fn reads_updates(self) -> bool {
        matches!(self, Self::Updates { .. } | Self::Rounds)
    }

    /// Whether a mask event clears the evidence. Evidence that decays by itself is not cleared.
    pub fn is_forgotten(self) -> bool {
        !matches!(self, Self::Updates { momentum, .. } if momentum < 1.0)
    }

    /// Whether the evidence has one number per group.
    pub fn is_of_groups(self) -> bool {
        matches!(self, Self::Steps { of: Grain::Groups, .. })
    }

    /// How several gradients become one number; second derivatives count as squares.
    pub fn fold(self) -> Fold {
        match self {
            Self::Nothing => Fold::Sum,
            Self::Updates { fold, .. } | Self::Steps { fold, .. } | Self::Batches { fold, .. } => fold,
            Self::Rounds | Self::Curvature { .. } => Fold::Square,
        }
    }

    /// Whether clients send products of gradients with their weights.
    pub fn is_scored(self) -> bool {
        matches!(self, Self::Batches { travels: Travels::Scores, .. })
    }

    /// Whether the numbers that clients send can be negative.
    pub fn is_signed(self) -> bool {
        self.fold() == Fold::Sum && !self.is_scored()
    }
}

/// When gathered evidence is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// With this round's contribution.
    Now,
    /// With a later round's contribution.
    Later,
}

/// What a client must know of its stage's evidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gathering {
    /// The source of the gradients.
    pub source: Source,
    /// The weights at which gradients are evaluated without training: the received ones or the trained ones.
    pub at: Moment,
    /// How a group's entries become one number, where one number per group is sent: L1 or mean.
    pub norm: Norm,
    /// The entries of a group that count.
    pub over: Over,
}
