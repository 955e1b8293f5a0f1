//! Criteria: what a group is worth.

/// Declares a criterion of one term: how a group's entries become one number, which of them count and what scores are divided by
/// are keys of every such criterion; only their defaults differ.
macro_rules! of_one_term {
    ($(#[doc = $about:literal])* pub struct $Name:ident: $term:ident { norm = $norm:ident, over = $over:ident }) => {
        use $crate::choices::{Norm, Over, Scale};
        use $crate::criteria::{Factor, Score, Term};

        $crate::settings! {
            $(#[doc = $about])*
            pub struct $Name {
                /// How a group's entries become one number.
                norm: Norm = Norm::$norm,
                /// Which entries count.
                over: Over = Over::$over,
                /// What scores are divided by.
                scale: Scale = Scale::None,
            }
        }

        impl Score for $Name {
            fn factors(&self) -> Vec<Factor> {
                let Self { norm, over, scale } = *self;
                vec![Factor { term: Term::$term, norm, over, scale }]
            }
        }
    };
}
use of_one_term;

pub mod magnitude;
pub mod gradient;
pub mod saliency;
pub mod square;
pub mod curvature;
pub mod random;
pub mod product;

use crate::choices::{Norm, Over, Scale};
use crate::registry;

registry! {
    /// What a group is worth to whoever scores it.
    pub enum Criterion: Score {
        "magnitude" => magnitude::Magnitude,
        "gradient" => gradient::Gradient,
        "saliency" => saliency::Saliency,
        "square" => square::Square,
        "curvature" => curvature::Curvature,
        "random" => random::Random,
        "product" => product::Product,
    }
}

/// What of a weight is reduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Term {
    /// The weight.
    Weight,
    /// Its gradient.
    Gradient,
    /// Weight times gradient.
    Product,
    /// The accumulated squared gradient.
    Square,
    /// Half the weight's square times the loss's second derivative.
    Curvature,
    /// A number drawn for the group.
    Noise,
}

impl Term {
    /// The derivative of the loss that it looks at: 0 for weights alone, 1 for gradients, 2 for curvature; `None` for lots.
    pub fn order(self) -> Option<u8> {
        match self {
            Self::Weight => Some(0),
            Self::Gradient | Self::Product | Self::Square => Some(1),
            Self::Curvature => Some(2),
            Self::Noise => None,
        }
    }

    /// Whether some evidence must bring what it is made of.
    pub fn is_of_gradients(self) -> bool {
        self.order().is_some_and(|it| it > 0)
    }
}

/// One factor of a score: a term, reduced over a group's entries, then scaled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factor {
    /// What of every weight.
    pub term: Term,
    /// How entries become one number.
    pub norm: Norm,
    /// Which entries.
    pub over: Over,
    /// What it is divided by.
    pub scale: Scale,
}

/// A criterion as data, so that coordinator and devices compute the same thing.
pub trait Score {
    /// What a score is the product of, each scaled first.
    fn factors(&self) -> Vec<Factor>;
}

// Not of the trait: pages hold its entries as trait objects, and would carry these for every one of them.
impl Criterion {
    /// Whether it looks at gradients, which some evidence must bring.
    pub fn needs_gradients(&self) -> bool {
        self.factors().iter().any(|it| it.term.is_of_gradients())
    }

    /// Whether it looks at weights.
    pub fn needs_weights(&self) -> bool {
        self.factors().iter().any(|it| matches!(it.term, Term::Weight | Term::Product | Term::Curvature))
    }
}
