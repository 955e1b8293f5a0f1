//! Rescaling: scales a part of a model so that its layers' mean inputs, over all parts of its size, equal those of the
//! whole.

use super::{Graph, Op, TensorId};

impl Graph {
    /// This graph with the input of every product multiplied by 1/p, where p is the part's share of the whole graph's
    /// units before that product (Caldas et al. 2018 thin activations as in dropout, which scales in this way:
    /// Srivastava et al. 2014, §10). Averaged over all parts with the same number of units, a layer's input then equals
    /// that of the whole.
    #[must_use]
    pub fn rescaled(mut self, whole: &Self) -> Self {
        for mut op in std::mem::take(&mut self.ops) {
            if let Op::Linear { x, .. } | Op::Conv2d { x, .. } = &mut op {
                let factor = whole.tensor_len(*x) as f32 / self.tensor_len(*x).max(1) as f32;
                if factor != 1.0 {
                    *x = self.scaled(*x, factor);
                }
            }
            self.ops.push(op);
        }
        self
    }

    /// Adds a tensor that is another one times a factor.
    fn scaled(&mut self, x: TensorId, factor: f32) -> TensorId {
        let y = self.tensors.len();
        self.tensors.push(self.tensors[x].clone());
        self.ops.push(Op::Rescale { x, y, factor });
        y
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::Op;
    use crate::layers::{Layer, linear::Linear, relu::Relu};
    use crate::mask::Mask;
    use crate::model::{Model, Stack};
    use crate::models;

    fn factors(model: &Model, alive: impl Fn(usize) -> bool) -> Vec<f32> {
        let part = model.pruned(&Mask::from_fn(model.graph().n_units(), alive)).rescaled(model.graph());
        let factor = |it: &Op| if let Op::Rescale { factor, .. } = it { Some(*factor) } else { None };
        part.ops.iter().filter_map(factor).collect()
    }

    #[test]
    fn only_what_follows_a_thinned_layer_is_scaled_by_its_units_over_those_left() {
        let lenet = models::named("lenet-300-100").expect("named").check().expect("the shapes fit");
        assert_eq!(factors(&lenet, |it| it >= 300 || it % 2 == 0), [2.0]);
        assert_eq!(factors(&lenet, |it| it % 4 == 0), [4.0, 4.0]);
        assert_eq!(factors(&lenet, |_| true), [0.0; 0]);
    }

    /// A hidden layer of two units outputs 1 and 2, weighted by 3 and 5 in the next layer: 13 in the whole model.
    #[test]
    fn over_all_parts_the_mean_of_what_a_layer_takes_in_is_that_of_the_whole() {
        let linear = |units| Layer::Linear(Linear { units });
        let layers = vec![linear(2), Layer::Relu(Relu {}), linear(2)];
        let model = Stack { input: vec![1], layers }.check().expect("the shapes fit");
        let taken = |unit: usize| factors(&model, |it| it == unit)[0] * [1.0 * 3.0, 2.0 * 5.0][unit];
        assert_eq!((taken(0), taken(1), (taken(0) + taken(1)) / 2.0), (6.0, 20.0, 13.0));
    }
}
