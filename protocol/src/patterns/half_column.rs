//! Half column: one output of a layer over the first or the second half of its inputs.

use super::Shape;
use crate::graph::Graph;
use crate::groups::{Among, Groups, Role, Run};
use crate::matrices::{Usual, cut, stripe};
use crate::settings;

settings! {
    /// Half of a column; the halves are ranked separately in each layer, and of an odd length the first half is longer
    /// (Lin et al. 2022, Federated Pruning). Saves bytes, not time.
    pub struct HalfColumn {}
}

impl Shape for HalfColumn {
    fn groups(&self, graph: &Graph, among: &Among) -> Groups {
        cut(graph, among, Usual::HiddenOutputs, |it, _| {
            let first = it.taps.div_ceil(2);
            let halves = [("first", 0, first), ("second", first, it.taps - first)];
            let group = Run::strided(it.outputs, it.taps);
            let half = |(name, at, n)| (name, vec![stripe(it.start + at, Run::of(1), group, Run::of(n), Role::Own)]);
            halves.into_iter().filter(|it| it.2 > 0).map(half).collect()
        })
    }
}
