//! Column: one output of a layer, its own weights alone.

use super::Shape;
use super::unit::Unit;
use crate::graph::Graph;
use crate::groups::{Among, Groups, Role, Run};
use crate::matrices::{Usual, cut, stripe};
use crate::settings;

settings! {
    /// One bit for every output unit or filter: its weights, and its bias where `among` includes biases (Lin et al.
    /// 2022, Federated Pruning, whose weights are [in, out]). Saves bytes, not time, unless `propagate` is set.
    pub struct Column {
        /// Whether the weights that read a dead output are pruned too, which makes the column a unit: pruning then
        /// saves time too.
        propagate: bool = false,
    }
}

impl Shape for Column {
    fn groups(&self, graph: &Graph, among: &Among) -> Groups {
        if self.propagate {
            return Unit {}.groups(graph, among);
        }
        cut(graph, among, Usual::HiddenOutputs, |it, with_biases| {
            let own = stripe(it.start, Run::of(1), Run::strided(it.outputs, it.taps), Run::of(it.taps), Role::Own);
            let bias = it.bias.filter(|_| with_biases);
            let bias = bias.map(|at| stripe(at, Run::of(1), Run::of(it.outputs), Run::of(1), Role::Companion));
            vec![("", [own].into_iter().chain(bias).collect())]
        })
    }
}
