//! Sizes: how long what travels of a model is when so many groups of each row are alive.

use std::ops::Range;

use protocol::graph::Graph;
use protocol::groups::Groups;
use protocol::kept::Kept;
use protocol::mask::{Mask, PackedMask};
use protocol::recipe::Recipe;
use protocol::tally::Ballots;
use protocol::wire::Vote;

/// How long the parameters are that so many groups leave: which groups they are makes no difference.
pub(super) struct Sizes {
    pub(super) blocks: Vec<Range<usize>>,
    pub(super) mask: Mask,
    pub(super) kept: Kept,
}

impl Sizes {
    pub(super) fn of(recipe: &Recipe, alive: &[u32]) -> Self {
        let groups = recipe.groups();
        let graph: &Graph = recipe.model().graph();
        let mut mask = Mask::empty(groups.n_groups());
        for (row, alive) in groups.rows.iter().zip(alive) {
            mask.fill(row.range().start..row.range().start + *alive as usize);
        }
        let kept = groups.kept(graph, &mask);
        Self { blocks: kept.blocks(&graph.param_ranges()), mask, kept }
    }

    /// A vote about them.
    pub(super) fn vote(&self, ballots: Ballots, groups: &Groups) -> Vote {
        let bits = PackedMask(vec![0; ballots.n_bits(groups, &self.mask).div_ceil(8)]);
        match ballots {
            Ballots::Drop => Vote::Drop(bits),
            Ballots::Order => Vote::Order(bits),
        }
    }
}
