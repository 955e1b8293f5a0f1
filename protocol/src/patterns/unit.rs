//! Unit: a neuron or filter with all weights coupled to it, so that survivors form a smaller dense model.

use super::Shape;
use crate::graph::Graph;
use crate::groups::{Among, Groups};
use crate::settings;

settings! {
    /// One bit for every unit of every hidden layer. With a unit go its weights, bias, norm entries and outgoing
    /// columns; units that are added in a residual sum form one group.
    pub struct Unit {}
}

impl Shape for Unit {
    fn groups(&self, graph: &Graph, among: &Among) -> Groups {
        Groups::units(graph, |space| {
            let it = &graph.spaces[space];
            among.admits(&it.name, &format!("{}.weight", it.name), !it.is_meaningful)
        })
    }
}
