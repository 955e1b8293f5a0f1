//! A model: a checked stack of layers with its graph, and exact conversions to a pruned sub-model and back.

use serde::{Deserialize, Serialize};

use crate::graph::{Graph, Op};
use crate::inits::Initial;
use crate::layers::{Builder, Layer, ShapeError};
use crate::mask::Mask;

/// A stack of layers whose shapes fit together, with a loss at the end.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    graph: Graph,
    n_classes: Option<usize>,
}

/// A model as written in a recipe: input shape and layers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stack {
    /// Shape of one sample, e.g. `[784]`.
    pub input: Vec<usize>,
    /// Layers in forward order; the outputs of the last one are the classes, or the words of a topic model.
    pub layers: Vec<Layer>,
}

impl Stack {
    /// Lowers the layers in order, with PyTorch's initialisation.
    ///
    /// # Errors
    /// When a layer does not fit: names the first one.
    pub fn check(&self) -> Result<Model, ShapeError> {
        self.check_with(&Initial::default())
    }

    /// Lowers the layers in order, with the given initialisation.
    ///
    /// # Errors
    /// When a layer does not fit: names the first one.
    pub fn check_with(&self, initial: &Initial) -> Result<Model, ShapeError> {
        let mut builder = Builder::new(&self.input, initial.clone());
        let mut output = 0;
        for (at, layer) in self.layers.iter().enumerate() {
            let name = format!("{}{}", layer.name(), at + 1);
            output = layer.lower(&name, output, &mut builder).map_err(|error| ShapeError {
                layer: at + 1,
                kind: layer.name().into(),
                ..error
            })?;
        }
        let shape = builder.graph().shape(builder.axes(output));
        let &[n_outputs] = shape.as_slice() else {
            let kind = self.layers.last().map_or("none", |it| it.name()).into();
            let problem = format!("the output must be flat, one entry per class, got {shape:?}");
            return Err(ShapeError { layer: self.layers.len(), kind, problem });
        };
        let ops = &builder.graph().ops;
        let is_topic_model = ops.iter().any(|it| matches!(it, Op::Topics { .. }));
        match ops.iter().position(Op::is_loss) {
            None => builder.op(Op::SoftmaxCrossEntropy { logits: output }),
            Some(at) if at + 1 == ops.len() => {}
            Some(_) => {
                let kind = self.layers.last().map_or("none", |it| it.name()).into();
                let problem = "nothing may come after the loss".into();
                return Err(ShapeError { layer: self.layers.len(), kind, problem });
            }
        }
        let n_classes = (!is_topic_model).then_some(n_outputs);
        Ok(Model { graph: builder.finish(output), n_classes })
    }
}

impl Model {
    /// The graph at full size.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Number of classes; `None` for a topic model, which has no correct answers.
    pub fn n_classes(&self) -> Option<usize> {
        self.n_classes
    }

    /// Whether the model draws random numbers, so that its loss is an expectation.
    pub fn draws(&self) -> bool {
        self.graph.ops.iter().any(|it| matches!(it, Op::Gaussian { .. }))
    }

    /// Number of entries of one input sample.
    pub fn sample_len(&self) -> usize {
        self.graph.tensor_len(0)
    }

    /// The dense graph of the units that a mask keeps: the same layers, each space as wide as its number of living
    /// units.
    ///
    /// # Panics
    /// If the mask does not cover this model's units.
    pub fn pruned(&self, mask: &Mask) -> Graph {
        assert_eq!(mask.len(), self.graph.n_units(), "a mask over this model's units");
        let mut graph = self.graph.clone();
        for (space, units) in graph.spaces.iter_mut().zip(self.graph.unit_ranges()) {
            space.size = mask.count_in(units);
        }
        graph
    }

    /// Positions of the pruned graph's weights in the full weight vector, in order: gathering by these positions
    /// extracts the sub-model, scattering by them puts an update back. The two are exact inverses for living weights.
    ///
    /// # Panics
    /// If the mask does not cover this model's units.
    pub fn alive_weights(&self, mask: &Mask) -> Vec<u32> {
        self.graph.alive_weights(mask).iter().map(|it| it as u32).collect()
    }

    /// The full initial weights w0: integers from the seed, then exact conversions, so that both sides agree to the
    /// bit.
    pub fn w0(&self, seed: u64) -> Vec<f32> {
        let mut weights = Vec::with_capacity(self.graph.n_params());
        for (at, param) in self.graph.params.iter().enumerate() {
            param.init.draw(seed, at as u64, self.graph.param_len(at), &mut weights);
        }
        weights
    }
}

/// The entries at the given positions.
pub fn gathered(weights: &[f32], places: &[u32]) -> Vec<f32> {
    places.iter().map(|&it| weights[it as usize]).collect()
}

#[cfg(test)]
mod extraction;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{linear::Linear, relu::Relu};

    /// 2 inputs, 3 hidden units, 2 classes: 3·2 + 3 + 2·3 + 2 = 17 weights.
    fn tiny() -> Model {
        let linear = |units| Layer::Linear(Linear { units });
        let layers = vec![linear(3), Layer::Relu(Relu {}), linear(2)];
        Stack { input: vec![2], layers }.check().expect("the shapes fit")
    }

    #[test]
    fn only_hidden_units_can_be_pruned() {
        let model = tiny();
        assert_eq!((model.graph().n_params(), model.graph().n_units(), model.n_classes()), (17, 3, Some(2)));
    }

    #[test]
    fn a_dead_unit_takes_its_row_bias_and_outgoing_column() {
        let mut mask = Mask::full(3);
        mask.clear(1);
        let alive = tiny().alive_weights(&mask);
        // Row 1 is 2, 3; bias 1 is 7; column 1 of the second weight [2, 3] at 9 is 10 and 13.
        assert_eq!(alive, [0, 1, 4, 5, 6, 8, 9, 11, 12, 14, 15, 16]);
        assert_eq!(tiny().pruned(&mask).n_params(), alive.len());
    }

    #[test]
    fn w0_is_the_same_for_ever() {
        let w0 = tiny().w0(42);
        let bound = 1.0 / 2f32.sqrt();
        assert!(w0[..9].iter().all(|it| it.abs() <= bound) && w0[..9].iter().any(|it| *it != w0[0]));
        assert_eq!(w0, tiny().w0(42));
        assert_ne!(w0, tiny().w0(43));
    }

    #[test]
    fn a_stack_that_does_not_fit_names_its_layer() {
        let layers = vec![Layer::Linear(Linear { units: 3 }), Layer::Linear(Linear { units: 0 })];
        let error = Stack { input: vec![2], layers }.check().expect_err("no units");
        assert_eq!(error.to_string(), "layer 2 (linear): units must be at least 1");
    }
}
