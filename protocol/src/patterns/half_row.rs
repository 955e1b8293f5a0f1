//! Half row: one input of a layer across the first or the second half of its outputs.

use super::Shape;
use crate::graph::Graph;
use crate::groups::{Among, Groups, Role, Run};
use crate::matrices::{Usual, cut, stripe};
use crate::settings;

settings! {
    /// Half of a row; the halves are ranked separately in each layer, and of an odd length the first half is longer
    /// (Lin et al. 2022, Federated Pruning). Saves bytes, not time.
    pub struct HalfRow {}
}

impl Shape for HalfRow {
    fn groups(&self, graph: &Graph, among: &Among) -> Groups {
        cut(graph, among, Usual::HiddenInputs, |it, _| {
            let first = it.outputs.div_ceil(2);
            let halves = [("first", 0, first), ("second", first, it.outputs - first)];
            let half = |(name, at, n)| {
                let outputs = Run::strided(n, it.taps);
                (name, vec![stripe(it.start + at * it.taps, outputs, Run::of(it.taps), Run::of(1), Role::Own)])
            };
            halves.into_iter().filter(|it| it.2 > 0).map(half).collect()
        })
    }
}
