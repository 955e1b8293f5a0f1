//! A tiny recipe, sessions that have played some rounds of it, and contributions made by hand.

use std::sync::Arc;

use coordinator::session::{Effect, Event, Introduction, RoundRecord, Session, Settings, State};
use protocol::data::shard::Shard;
use protocol::drafts::{self, Draft, packed};
use protocol::mask::{Mask, PackedMask};
use protocol::recipe::Recipe;
use protocol::wire::{Contribution, Plan, Vote};

/// 2 inputs, 4 hidden units, 2 classes: 22 weights; one unit goes in each of the first two rounds.
pub(crate) fn recipe() -> Recipe {
    let draft = Draft::dense(4).rounds(3).units().masked("afterwards", "keep");
    draft.masked("schedule", r#"{ kind = "geometric", target_density = 0.5, levels = 2 }"#).recipe()
}

pub(crate) fn settings() -> Settings {
    Settings {
        seed: 7,
        rounds: 3,
        min_clients: 2,
        max_clients: 3,
        deadline_secs: 60,
        max_samples: 100,
        has_evaluator: true,
        data: "two dots".into(),
        data_digest: 0,
    }
}

/// One sample of each class.
pub(crate) fn shard(first: u8) -> Shard {
    Shard::new(2, 2, vec![first, 0, 0, first], vec![0, 1])
}

/// What a client sends that moves every alive weight by `step` and drops the first alive units.
pub(crate) fn contribution(plan: &Plan, step: f32) -> Contribution {
    contribution_on(&plan.mask.mask(recipe().groups(), None).expect("whole masks"), plan, step)
}

/// The same of a client that knows the mask already.
pub(crate) fn contribution_on(mask: &Mask, plan: &Plan, step: f32) -> Contribution {
    let model = recipe().model().clone();
    let quota = plan.vote.as_ref().map_or(0, |it| it[0] as usize);
    let chosen: Vec<usize> = mask.iter().take(quota).collect();
    let vote = Mask::from_fn(4, |it| chosen.contains(&it));
    Contribution {
        update: plan.wants_update.then(|| packed(vec![step; model.alive_weights(mask).len()])),
        vote: plan.vote.is_some().then(|| Vote::Drop(PackedMask(vote.to_bytes()))),
        ..drafts::contribution(plan)
    }
}

/// The states after 1, 2, … rounds.
pub(crate) fn committed(rounds: u32) -> Vec<State> {
    played(rounds).into_iter().map(|it| it.0).collect()
}

/// What rounds 1, 2, … came to.
pub(crate) fn played(rounds: u32) -> Vec<(State, Arc<RoundRecord>)> {
    let mut session = Session::new(recipe(), settings());
    let mut effects: Vec<Effect> =
        (0..2).flat_map(|it| session.step(Event::Joined(it, Introduction::default()))).collect();
    let mut states = Vec::new();
    for round in 0..rounds {
        let plan =
            effects.iter().rev().find_map(|it| if let Effect::Plan(_, it, _) = it { Some(it.clone()) } else { None });
        let plan = plan.expect("a round is open");
        let said = contribution_on(session.state().mask(), &plan, 0.01 + round as f32);
        effects = (0..2).flat_map(|it| session.step(Event::Contributed(it, said.clone(), 0))).collect();
        states.push((session.state().clone(), session.history()[round as usize].clone()));
    }
    states
}
