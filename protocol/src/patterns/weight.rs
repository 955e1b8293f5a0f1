//! Weight: every single weight is a group of its own.

use super::Shape;
use crate::graph::Graph;
use crate::groups::{Among, Groups, Role, Run};
use crate::matrices::{Usual, cut, stripe};
use crate::settings;

settings! {
    /// One bit for every weight of a product (Han et al. 2015; Frankle & Carbin 2019), and for every bias where `among`
    /// includes biases (Lee et al. 2019, SNIP). Saves bytes, not time.
    pub struct Weight {}
}

impl Shape for Weight {
    fn groups(&self, graph: &Graph, among: &Among) -> Groups {
        cut(graph, among, Usual::Every, |it, with_biases| {
            let one = Run::of(1);
            let single = |start, n| vec![stripe(start, one, Run::of(n), one, Role::Own)];
            let bias = it.bias.filter(|_| with_biases).map(|start| ("bias", single(start, it.outputs)));
            [("", single(it.start, it.outputs * it.taps))].into_iter().chain(bias).collect()
        })
    }
}
