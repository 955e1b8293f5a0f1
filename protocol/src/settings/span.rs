//! Spans: which numbers are allowed, in a form that can be said.

use serde::{Deserialize, Serialize};

/// Which numbers are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    low: Edge,
    high: Edge,
}

/// One end of a span.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Edge {
    /// No end.
    Open,
    /// This number is allowed, nothing beyond it.
    At(f64),
    /// This number is not allowed any more.
    Beyond(f64),
}

/// Any number, and whatever is no number.
pub const ANY: Span = Span { low: Edge::Open, high: Edge::Open };

/// Numbers of at least `low`.
pub const fn from(low: f64) -> Span {
    Span { low: Edge::At(low), high: Edge::Open }
}

/// Numbers above `low`.
pub const fn above(low: f64) -> Span {
    Span { low: Edge::Beyond(low), high: Edge::Open }
}

impl Span {
    /// The same, up to `high` and with it.
    pub const fn up_to(self, high: f64) -> Self {
        Self { high: Edge::At(high), ..self }
    }

    /// The same, below `high`.
    pub const fn below(self, high: f64) -> Self {
        Self { high: Edge::Beyond(high), ..self }
    }

    /// Whether a number is allowed. NaN never is, unless everything is.
    pub fn has(self, value: f64) -> bool {
        let is_above = match self.low {
            Edge::Open => true,
            Edge::At(low) => value >= low,
            Edge::Beyond(low) => value > low,
        };
        is_above
            && match self.high {
                Edge::Open => true,
                Edge::At(high) => value <= high,
                Edge::Beyond(high) => value < high,
            }
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.low, self.high) {
            (Edge::Open, Edge::Open) => f.write_str("anything"),
            (Edge::Open, Edge::At(high)) => write!(f, "at most {high}"),
            (Edge::Open, Edge::Beyond(high)) => write!(f, "below {high}"),
            (Edge::At(low), Edge::Open) => write!(f, "at least {low}"),
            (Edge::Beyond(low), Edge::Open) => write!(f, "above {low}"),
            (Edge::At(low), Edge::At(high)) => write!(f, "from {low} to {high}"),
            (Edge::Beyond(low), Edge::At(high)) => write!(f, "above {low} and at most {high}"),
            (Edge::At(low), Edge::Beyond(high)) => write!(f, "at least {low} and below {high}"),
            (Edge::Beyond(low), Edge::Beyond(high)) => write!(f, "above {low} and below {high}"),
        }
    }
}
