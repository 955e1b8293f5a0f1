//! A replay: a fresh coordinator's heart hears what clients once contributed, and comes to whatever it comes to.

use std::sync::Arc;

use coordinator::session::{ClientId, Effect, Event, Introduction, Session, Settings};
use protocol::recipe::Recipe;
use protocol::wire;

use crate::duet::Committed;
use crate::tap::Said;

/// How fast everybody is.
const TIER: u8 = 16;

/// In which order clients are heard in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// By number.
    Forwards,
    /// The last one first.
    Backwards,
}

/// Runs a session of so many clients on what they said, as far as that goes.
///
/// # Panics
/// If a contribution is refused, such as one about another mask than this session's.
pub fn replayed(recipe: &Recipe, settings: Settings, n_clients: u32, said: &Said, turn: Turn) -> Vec<Committed> {
    let mut session = Session::new(recipe.clone(), settings);
    let mut asked: Vec<ClientId> = vec![];
    let mut rounds = vec![];
    for client in 0..n_clients {
        let introduction = Introduction { tier: TIER, ..Introduction::default() };
        take(session.step(Event::Joined(client, introduction)), &mut asked);
    }
    while !asked.is_empty() && !session.is_over() {
        let (round, before) = (session.state().rounds_committed(), Arc::new(session.state().clone()));
        let mut cohort = std::mem::take(&mut asked);
        cohort.sort_unstable();
        if turn == Turn::Backwards {
            cohort.reverse();
        }
        let mut counted = vec![];
        for client in cohort {
            let Some(it) = said.get(&(round, client)) else { return rounds };
            let bytes = wire::contribution_len(it);
            take(session.step(Event::Contributed(client, it.clone(), bytes)), &mut asked);
            counted.push((client, it.clone()));
        }
        rounds.push(Committed { before, after: Arc::new(session.state().clone()), counted });
    }
    rounds
}

/// Notes who is asked next.
fn take(effects: Vec<Effect>, asked: &mut Vec<ClientId>) {
    for effect in effects {
        match effect {
            Effect::Plan(clients, ..) => asked.extend(clients),
            Effect::Refuse(client, refusal) => panic!("client {client} is refused: {refusal}"),
            Effect::Standby(..) | Effect::Wake(..) | Effect::Commit(_) | Effect::Evaluate(_) | Effect::Finish(_) => {}
        }
    }
}
