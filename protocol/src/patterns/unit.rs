//! Unit: a neuron or filter with everything coupled to it, so that what survives is a smaller dense model.

use super::Shape;
use crate::graph::Graph;
use crate::groups::{Among, Groups};
use crate::settings;

settings! {
    /// One bit for every unit of every hidden layer. A unit takes its weights, bias, norm entries and outgoing columns with
    /// it; units that meet in a residual sum are one.
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
