//! Spans: ranges of allowed numbers, which can be displayed.

use serde::{Deserialize, Serialize};

/// A range of allowed numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    low: Edge,
    high: Edge,
}

/// One end of a span.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Edge {
    /// Unbounded.
    Open,
    /// Bounded by this number, which is allowed.
    At(f64),
    /// Bounded by this number, which is excluded.
    Beyond(f64),
}

/// One end of a span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct End {
    /// The number at the end.
    pub value: f64,
    /// Whether the number itself is excluded.
    pub is_open: bool,
}

/// Any number, and any value that is not a number.
pub const ANY: Span = Span { low: Edge::Open, high: Edge::Open };

/// Numbers of at least `low`.
pub const fn from(low: f64) -> Span {
    Span { low: Edge::At(low), high: Edge::Open }
}

/// Numbers above `low`.
pub const fn above(low: f64) -> Span {
    Span { low: Edge::Beyond(low), high: Edge::Open }
}

impl Edge {
    fn end(self) -> Option<End> {
        match self {
            Self::Open => None,
            Self::At(value) => Some(End { value, is_open: false }),
            Self::Beyond(value) => Some(End { value, is_open: true }),
        }
    }
}

impl Span {
    /// This span, up to and including `high`.
    pub const fn up_to(self, high: f64) -> Self {
        Self { high: Edge::At(high), ..self }
    }

    /// This span, below `high`.
    pub const fn below(self, high: f64) -> Self {
        Self { high: Edge::Beyond(high), ..self }
    }

    /// Lower end, if there is one.
    pub fn min(self) -> Option<End> {
        self.low.end()
    }

    /// Upper end, if there is one.
    pub fn max(self) -> Option<End> {
        self.high.end()
    }

    /// Intersection of two spans.
    pub fn and(self, other: Self) -> Self {
        let tighter = |of: fn(Self) -> Edge, is_in: fn(f64, f64) -> bool| match (of(self).end(), of(other).end()) {
            (Some(a), Some(b)) if a.value == b.value => {
                if a.is_open {
                    of(self)
                } else {
                    of(other)
                }
            }
            (Some(a), Some(b)) => {
                if is_in(a.value, b.value) {
                    of(self)
                } else {
                    of(other)
                }
            }
            (Some(_), None) => of(self),
            (None, _) => of(other),
        };
        Self { low: tighter(|it| it.low, |a, b| a > b), high: tighter(|it| it.high, |a, b| a < b) }
    }

    /// Whether a number is allowed. NaN is only allowed in [`ANY`].
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_spans_share_has_the_tighter_end_on_each_side() {
        assert_eq!(from(0.0).up_to(255.0).and(from(1.0)), from(1.0).up_to(255.0));
        assert_eq!(from(0.0).up_to(255.0).and(above(0.0).up_to(1e6)), above(0.0).up_to(255.0));
        assert_eq!(from(0.0).up_to(1.0).and(from(0.0).below(1.0)), from(0.0).below(1.0));
        assert_eq!((ANY.and(above(3.0)), above(3.0).and(ANY), ANY.and(ANY)), (above(3.0), above(3.0), ANY));
        assert_eq!(above(3.0).min(), Some(End { value: 3.0, is_open: true }));
        assert_eq!((above(3.0).max(), ANY.min()), (None, None));
    }
}
