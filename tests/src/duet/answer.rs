//! What a client of the duet answers: a trainer that needs no device.

use client_wasm::trainer::Assignment;
use coordinator::session::Session;
use protocol::covered::Covered;
use protocol::mask::{Mask, PackedMask};
use protocol::order;
use protocol::random;
use protocol::recipe::Recipe;
use protocol::tally::Ballots;
use protocol::wire::{Contribution, Evaluation, Packed, Vote};

/// A trainer that needs no device: what it sends depends on the plan and the client alone.
pub fn work(host: &Session, client: usize, assignment: &Assignment) -> Contribution {
    let (recipe, plan, mask) = (host.recipe(), assignment.plan(), assignment.mask());
    let (graph, groups) = (recipe.model().graph(), recipe.groups());
    let kept = groups.kept(graph, mask);
    let value = |stream: u64, at: u64| random::unit_f32(plan.seed, stream + 10 * client as u64, at) - 0.5;
    let update: Vec<f32> = (0..kept.len() as u64).map(|it| value(1, it) * 0.1).collect();
    let pack = || {
        let codec = &recipe.stage(plan.stage).coding.up;
        Packed::new(codec.pack(&update, &kept.blocks(&graph.param_ranges()), plan.seed ^ client as u64))
    };
    let vote = |quotas: &Vec<u32>| match recipe.stage(plan.stage).ballots().expect("somebody votes") {
        Ballots::Drop => Vote::Drop(PackedMask(ballot(recipe, mask, quotas, |it| value(2, it)).to_bytes())),
        Ballots::Order => Vote::Order(PackedMask(order::by_scores(groups, mask, |it| value(2, it as u64)).to_bytes())),
    };
    // Nothing that is gathered is below 0 where it must not be.
    let gathered = || {
        let source = recipe.stage(plan.stage).evidence().expect("somebody gathers").source;
        let n = Covered::of(source, graph, groups, mask, &kept).len() as u64;
        Packed::new((0..n).flat_map(|it| value(6, it).abs().to_le_bytes()).collect())
    };
    let correct = recipe.model().n_classes().map(|_| random::below(plan.seed, 3, client as u64, 11) as u32);
    let evaluation = Evaluation { n: 10, correct, loss: 0.5 };
    Contribution {
        round: plan.round,
        mask: plan.mask.id,
        n_samples: 1 + random::below(plan.seed, 4, client as u64, 90) as u32,
        loss: value(5, 0).abs(),
        received: evaluation,
        trained: evaluation,
        train_micros: 1000,
        update: plan.wants_update.then(pack),
        vote: plan.vote.as_ref().map(vote),
        evidence: plan.evidence.filter(|it| it.sends).map(|_| gathered()),
    }
}

/// The quota of each row, among the alive, by the lowest scores.
fn ballot(recipe: &Recipe, mask: &Mask, quotas: &[u32], score: impl Fn(u64) -> f32) -> Mask {
    let mut ballot = Mask::empty(mask.len());
    for (row, quota) in recipe.groups().rows.iter().zip(quotas) {
        let mut alive: Vec<usize> = mask.iter_in(row.range()).collect();
        alive.sort_by(|&a, &b| score(a as u64).total_cmp(&score(b as u64)));
        alive.iter().take(*quota as usize).for_each(|it| ballot.set(*it));
    }
    ballot
}
