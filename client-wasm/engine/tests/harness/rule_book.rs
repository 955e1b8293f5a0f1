//! A ballot computed by `protocol` from trained weights.

use protocol::criteria::Factor;
use protocol::cut::cut;
use protocol::dynamics::Fate;
use protocol::graph::Graph;
use protocol::groups::Groups;
use protocol::mask::Mask;
use protocol::scoring::{Gathered, Material, scores};

/// The lowest-scoring living groups of every row, as many as its quota, ties to the first. `weights` are all weights,
/// dead ones 0.
pub(crate) fn ballot(
    graph: &Graph,
    groups: &Groups,
    mask: &Mask,
    weights: &[f32],
    factor: Factor,
    quotas: &[u32],
) -> Mask {
    let scores = scored(graph, groups, mask, weights, factor);
    let mut ballot = Mask::empty(mask.len());
    for (row, quota) in groups.rows.iter().zip(quotas) {
        let alive = || mask.iter_in(row.range());
        let mut stays = cut(|| alive().map(|it| scores[it]), *quota as usize).judge();
        alive().filter(|it| !stays(scores[*it])).for_each(|it| ballot.set(it));
    }
    ballot
}

/// Score of every group at these weights.
pub(crate) fn scored(graph: &Graph, groups: &Groups, mask: &Mask, weights: &[f32], factor: Factor) -> Vec<f64> {
    let (gathered, taus) = (Gathered::Nothing, vec![1.0; groups.rows.len()]);
    let material = Material { graph, groups, mask, weights, gathered, seed: 0, taus: &taus };
    scores(&[factor], &material, &vec![Fate::Stands; mask.len()])
}
