//! Row: one input of a layer, across all of its outputs.

use super::Shape;
use crate::graph::Graph;
use crate::groups::{Among, Groups, Role, Run};
use crate::matrices::{Usual, cut, stripe};
use crate::settings;

settings! {
    /// One bit for every input of a layer; in a convolution, for every input channel and kernel position (Lin et al.
    /// 2022, Federated Pruning, whose weights are [in, out]). Saves bytes, not time.
    pub struct Row {}
}

impl Shape for Row {
    fn groups(&self, graph: &Graph, among: &Among) -> Groups {
        cut(graph, among, Usual::HiddenInputs, |it, _| {
            let outputs = Run::strided(it.outputs, it.taps);
            vec![("", vec![stripe(it.start, outputs, Run::of(it.taps), Run::of(1), Role::Own)])]
        })
    }
}
