//! Criteria: how groups are scored.

/// Declares a criterion of one term. Its keys say how a group's entries become one number, which entries count and what
/// scores are divided by; only the defaults differ between criteria.
macro_rules! of_one_term {
    ($(#[doc = $about:literal])* pub struct $Name:ident: $term:ident { norm = $norm:ident, over = $over:ident }) => {
        use $crate::choices::{Norm, Over, Scale};
        use $crate::criteria::{Factor, Score, Term};

        $crate::settings! {
            $(#[doc = $about])*
            pub struct $Name {
                /// How a group's entries become one number.
                norm: Norm = Norm::$norm,
                /// The entries of a group that count.
                over: Over = Over::$over,
                /// Divisor of the scores.
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
    /// How a group is scored.
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

/// Quantity of a weight that a score is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Term {
    /// The weight.
    Weight,
    /// The gradient of the weight.
    Gradient,
    /// Weight times gradient, entry by entry.
    Product,
    /// The accumulated squared gradient.
    Square,
    /// Half of the squared weight times the second derivative of the loss.
    Curvature,
    /// A number drawn for the group.
    Noise,
}

impl Term {
    /// Order of the derivative of the loss that this term uses: 0 for weights alone, 1 for gradients, 2 for curvature;
    /// `None` for random numbers.
    pub fn order(self) -> Option<u8> {
        match self {
            Self::Weight => Some(0),
            Self::Gradient | Self::Product | Self::Square => Some(1),
            Self::Curvature => Some(2),
            Self::Noise => None,
        }
    }

    /// Whether this term needs evidence from gradients.
    pub fn is_of_gradients(self) -> bool {
        self.order().is_some_and(|it| it > 0)
    }
}

/// One factor of a score: a term, reduced over a group's entries, then scaled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factor {
    /// The quantity of every weight.
    pub term: Term,
    /// How the entries of a group become one number.
    pub norm: Norm,
    /// The entries of a group that count.
    pub over: Over,
    /// Divisor of the result.
    pub scale: Scale,
}

/// A criterion as data, so that coordinator and devices compute the same scores.
pub trait Score {
    /// Factors of the score, each scaled before they are multiplied.
    fn factors(&self) -> Vec<Factor>;
}

// Not methods of the trait: pages hold criteria as trait objects and would carry these methods once per entry.
impl Criterion {
    /// Whether this criterion uses gradients, which need evidence.
    pub fn needs_gradients(&self) -> bool {
        self.factors().iter().any(|it| it.term.is_of_gradients())
    }

    /// Whether this criterion uses weights.
    pub fn needs_weights(&self) -> bool {
        self.factors().iter().any(|it| matches!(it.term, Term::Weight | Term::Product | Term::Curvature))
    }
}
