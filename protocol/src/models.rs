//! The models that a recipe may ask for by name.

use crate::layers::{Layer, linear::Linear, relu::Relu};
use crate::model::Stack;

/// A model's name and how its stack is made.
pub type Named = (&'static str, fn() -> Stack);

/// Every name with its stack.
pub const NAMED: &[Named] = &[("lenet-300-100", lenet_300_100)];

/// The stack of this name.
pub fn named(name: &str) -> Option<Stack> {
    NAMED.iter().find(|it| it.0 == name).map(|it| it.1())
}

/// LeCun et al. 1998: 784-300-100-10, 266,610 parameters, 400 units.
fn lenet_300_100() -> Stack {
    let linear = |units| Layer::Linear(Linear { units });
    let relu = || Layer::Relu(Relu {});
    Stack { input: vec![784], layers: vec![linear(300), relu(), linear(100), relu(), linear(10)] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lenet_has_the_published_size() {
        let model = named("lenet-300-100").expect("registered").check().expect("the shapes fit");
        assert_eq!((model.graph().n_params(), model.graph().n_units()), (266_610, 400));
    }
}
