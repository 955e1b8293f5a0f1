//! Optimizers: how a client's gradients move its weights.

pub mod sgd;
pub mod adam;

use crate::rates::Rate;
use crate::registry;

registry! {
    /// The local optimizer.
    pub enum Optimizer: Descend { "sgd" => sgd::Sgd, "adam" => adam::Adam, }
}

/// What an optimizer asks of a device. Its memory, if it has any, begins anew with every plan.
pub trait Descend {
    /// Step size in round `round`.
    fn learning_rate(&self, round: u32) -> f32;

    /// What is out of range: key, value and what is allowed.
    fn problem(&self) -> Option<String>;
}

/// What is out of range in a step size and what it is multiplied by.
fn rate_problem(learning_rate: f32, rate: &Rate) -> Option<String> {
    if !(learning_rate > 0.0 && learning_rate <= 10.0) {
        return Some(format!("learning_rate = {learning_rate} must be above 0 and at most 10"));
    }
    rate.problem().map(|it| format!("rate.{it}"))
}

/// What is wrong with a number that must be at least 0 and below 1.
fn share_problem(key: &str, value: f32) -> Option<String> {
    (!(0.0..1.0).contains(&value)).then(|| format!("{key} = {value} must be at least 0 and below 1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Optimizer {
        serde_json::from_str(text).expect("an optimizer")
    }

    #[test]
    fn what_is_left_out_has_the_usual_value() {
        let sgd = read(r#"{"kind":"sgd","learning_rate":0.1}"#);
        assert_eq!((sgd.learning_rate(0), sgd.learning_rate(999), sgd.problem()), (0.1, 0.1, None));
        let adam = read(r#"{"kind":"adam","learning_rate":0.002}"#);
        assert_eq!((adam.learning_rate(7), adam.problem()), (0.002, None));
    }

    #[test]
    fn a_rate_falls_with_the_rounds() {
        let sgd = read(r#"{"kind":"sgd","learning_rate":0.8,"rate":{"kind":"step","every":10,"factor":0.5}}"#);
        assert_eq!([0, 9, 10, 25].map(|it| sgd.learning_rate(it)), [0.8, 0.8, 0.4, 0.2]);
    }

    #[test]
    fn values_out_of_range_are_named() {
        let problem = |text: &str| read(text).problem().expect("out of range");
        assert!(problem(r#"{"kind":"sgd","learning_rate":0}"#).starts_with("learning_rate = 0 must be"));
        assert!(problem(r#"{"kind":"sgd","learning_rate":1,"momentum":1}"#).starts_with("momentum = 1 must be"));
        assert!(problem(r#"{"kind":"adam","learning_rate":1,"beta2":-1}"#).starts_with("beta2 = -1 must be"));
        let rate = r#"{"kind":"sgd","learning_rate":1,"rate":{"kind":"exponential","factor":2}}"#;
        assert_eq!(problem(rate), "rate.factor = 2 must be above 0 and at most 1");
    }
}
