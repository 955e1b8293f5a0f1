//! Optimizers: how a client's gradients move its weights.

pub mod sgd;
pub mod adam;

use crate::registry;

registry! {
    /// The client's optimizer.
    pub enum Optimizer: Descend { "sgd" => sgd::Sgd, "adam" => adam::Adam, }
}

/// Parameters that a device needs to run an optimizer. The optimizer's memory ends with every plan or with the level,
/// as the stage says: see [`Memory`](crate::choices::Memory).
pub trait Descend {
    /// Step size in round `round`.
    fn learning_rate(&self, round: u32) -> f32;

    /// Whether a step depends on the current gradient alone: weights move by −η·g.
    fn is_plain(&self) -> bool {
        false
    }

    /// Whether the optimizer keeps state from one step to the next.
    fn remembers(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{OutOfRange, Setting};

    fn read(text: &str) -> Optimizer {
        serde_json::from_str(text).expect("an optimizer")
    }

    #[test]
    fn what_is_left_out_has_the_usual_value() {
        let sgd = read(r#"{"kind":"sgd","learning_rate":0.1}"#);
        assert_eq!((sgd.learning_rate(0), sgd.learning_rate(999)), (0.1, 0.1));
        let adam = read(r#"{"kind":"adam","learning_rate":0.002}"#);
        assert_eq!(adam.learning_rate(7), 0.002);
    }

    #[test]
    fn a_rate_falls_with_the_rounds() {
        let sgd = read(r#"{"kind":"sgd","learning_rate":0.8,"rate":{"kind":"step","every":10,"factor":0.5}}"#);
        assert_eq!([0, 9, 10, 25].map(|it| sgd.learning_rate(it)), [0.8, 0.8, 0.4, 0.2]);
    }

    #[test]
    fn values_out_of_range_are_named() {
        let problem = |text: &str| {
            let mut problems = vec![];
            read(text).check_all("optimizer", &mut problems);
            problems.iter().map(OutOfRange::to_string).collect::<Vec<_>>().join("; ")
        };
        for (text, expected) in [
            (r#"{"kind":"sgd","learning_rate":0}"#, "optimizer.learning_rate = 0 must be above 0 and at most 10"),
            (
                r#"{"kind":"adam","learning_rate":1,"beta1":1,"beta2":-1}"#,
                "optimizer.beta1 = 1 must be at least 0 and below 1; optimizer.beta2 = -1 must be at least 0 and below 1",
            ),
            (
                r#"{"kind":"sgd","learning_rate":1,"rate":{"kind":"exponential","factor":2}}"#,
                "optimizer.rate.factor = 2 must be above 0 and at most 1",
            ),
        ] {
            assert_eq!(problem(text), expected);
        }
    }
}
