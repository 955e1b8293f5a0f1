//! The session's heart: a pure state machine over rounds. Events in, effects out; no clock, socket or disk.
//!
//! ```text
//! lobby ──enough clients or Start──▶ collecting ──complete or deadline──▶ commit ──▶ collecting …
//!   ▲                                  │ no quorum: void, nothing changes, open again      │ last round
//!   └──────── too few clients left ────┘                                     closing ◀─────┘
//!                                               (final evaluation) ──▶ done
//! ```

mod commit;
mod events;
mod judge;
mod roster;
mod state;
mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::ballot::Tally;
use protocol::mask::PackedMask;
use protocol::random;
use protocol::recipe::Recipe;
use protocol::wire::{Done, Evaluation, Plan, Refusal, Standby};

use crate::sums::{Sum, WEIGHT_LIMIT};
pub use events::{Alarm, Effect, Event, Introduction, Meter, Order, Settings};
pub use roster::{ClientId, Member, MemberState, Roster};
pub use state::{RoundRecord, State};
pub use view::{ClientView, Phase, SpaceView, View};

/// Seconds for which the cohort waits for a client whose connection broke.
pub const GRACE_SECS: u32 = 10;

/// One run of a recipe.
#[derive(Debug)]
pub struct Session {
    recipe: Recipe,
    settings: Settings,
    state: State,
    roster: Roster,
    stage: Stage,
    is_paused: bool,
    /// Whether nothing was open lately, for want of clients or by order.
    is_waiting: bool,
    needed: u32,
    attempt: u32,
    meter: Meter,
    refusals: BTreeMap<&'static str, u64>,
}

/// Where the session is.
#[derive(Debug)]
enum Stage {
    /// Too few clients, or not started.
    Lobby,
    /// An attempt at the next round, or (all rounds committed, no evaluator) at the final evaluation, is open.
    Open(Attempt),
    /// All rounds are committed; the evaluator still measures the last model.
    Closing,
    /// Over.
    Done(Done),
}

/// One opening of a round.
#[derive(Debug)]
struct Attempt {
    plan: Arc<Plan>,
    /// Whom it waits for; `Some` once counted.
    cohort: BTreeMap<ClientId, Option<Counted>>,
    sum: Sum,
    tally: Tally,
}

/// What a counted contribution leaves behind besides its sums.
#[derive(Clone, Copy, Debug)]
struct Counted {
    n_samples: u32,
    loss: f32,
    received: Evaluation,
    trained: Evaluation,
}

impl Session {
    /// A session that has yet to start.
    pub fn new(recipe: Recipe, settings: Settings) -> Self {
        let state = State::new(&recipe, settings.seed);
        Self::resumed(recipe, settings, state)
    }

    /// A session that goes on from a committed state, exactly.
    pub fn resumed(recipe: Recipe, settings: Settings, state: State) -> Self {
        let needed = settings.min_clients.max(1);
        Self {
            recipe,
            settings,
            state,
            roster: Roster::default(),
            stage: Stage::Lobby,
            is_paused: false,
            is_waiting: true,
            needed,
            attempt: 0,
            meter: Meter::default(),
            refusals: BTreeMap::new(),
        }
    }

    /// Advances by one event.
    pub fn step(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Joined(client, introduction) => self.join(client, introduction),
            Event::Lost(client) => {
                let connection = self.roster.lose(client);
                let alarm = connection.map(|connection| Alarm::Grace { client, connection });
                alarm.map(|it| Effect::Wake(it, GRACE_SECS)).into_iter().collect()
            }
            Event::Departed(client) => {
                self.roster.lose(client);
                self.give_up_on(client)
            }
            Event::Contributed(client, contribution) => match self.judge(client, &contribution) {
                Err(refusal) => vec![self.refuse(client, refusal)],
                Ok(judged) => {
                    self.count(client, judged);
                    self.close_if_complete()
                }
            },
            Event::Misbehaved(client, refusal) => vec![self.refuse(client, refusal)],
            Event::Woke(Alarm::Deadline { attempt }) => self.close_at_deadline(attempt),
            Event::Woke(Alarm::Grace { client, connection }) => {
                if self.roster.is_lost_since(client, connection) {
                    self.give_up_on(client)
                } else {
                    vec![]
                }
            }
            Event::Ordered(order) => self.obey(order),
            Event::Evaluated(rounds, evaluation) => self.note_evaluation(rounds, evaluation),
            Event::Metered(meter) => {
                self.meter.up += meter.up;
                self.meter.down += meter.down;
                self.meter.micros += meter.micros;
                vec![]
            }
        }
    }

    /// The recipe.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// What the host chose.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What the last commit made durable.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Number of the attempt that is open, if any; attempts count from 1 and are never reused.
    pub fn open_attempt(&self) -> Option<u32> {
        matches!(self.stage, Stage::Open(_)).then_some(self.attempt)
    }

    /// Everyone who ever joined.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Counts a refusal that concerns nobody in the roster (a wrong hello).
    pub fn note_refusal(&mut self, refusal: &Refusal) {
        *self.refusals.entry(refusal.kind()).or_default() += 1;
    }

    /// The longest message that any client may send now.
    pub fn longest_contribution(&self) -> usize {
        4 * self.recipe.model().graph().n_params() + self.recipe.model().graph().n_units() + 256
    }

    fn join(&mut self, client: ClientId, introduction: Introduction) -> Vec<Effect> {
        if let Stage::Done(done) = self.stage {
            self.roster.join(client, introduction);
            return vec![Effect::Finish(done)];
        }
        if self.roster.get(client).is_none() && self.roster.n_present() >= self.settings.max_clients as usize {
            let max = self.settings.max_clients;
            return vec![self.refuse(client, Refusal::Full { max })];
        }
        self.roster.join(client, introduction);
        match &mut self.stage {
            Stage::Open(attempt) => match attempt.cohort.get(&client) {
                // The plan again: what the client has done of it in the meantime still counts.
                Some(None) => {
                    self.roster.set(client, MemberState::Training);
                    vec![Effect::Plan(vec![client], attempt.plan.clone())]
                }
                Some(Some(_)) => {
                    self.roster.set(client, MemberState::Voted);
                    vec![Effect::Standby(client, Standby::NextRound)]
                }
                None => vec![Effect::Standby(client, Standby::NextRound)],
            },
            Stage::Closing => vec![Effect::Standby(client, Standby::NextRound)],
            Stage::Lobby | Stage::Done(_) => self.open(),
        }
    }

    fn refuse(&mut self, client: ClientId, refusal: Refusal) -> Effect {
        self.note_refusal(&refusal);
        self.roster.note_refusal(client);
        Effect::Refuse(client, refusal)
    }

    fn obey(&mut self, order: Order) -> Vec<Effect> {
        match (order, &self.stage) {
            (_, Stage::Done(_)) => vec![],
            (Order::Start, Stage::Lobby) => {
                // Going on after a pause is not an order to start with fewer.
                if !std::mem::take(&mut self.is_paused) {
                    self.needed = 1;
                }
                self.open()
            }
            (Order::Start, Stage::Open(_) | Stage::Closing) => {
                self.is_paused = false;
                vec![]
            }
            (Order::Pause, Stage::Lobby | Stage::Open(_) | Stage::Closing) => {
                self.is_paused = true;
                vec![]
            }
            (Order::Stop, Stage::Lobby | Stage::Open(_) | Stage::Closing) => vec![self.finish()],
        }
    }

    /// Opens the next attempt if there is anything to do and anyone to do it; otherwise says what everyone waits for.
    fn open(&mut self) -> Vec<Effect> {
        self.stage = Stage::Lobby;
        let is_over = self.state.rounds_committed() >= self.settings.rounds;
        if is_over && (self.settings.has_evaluator || self.state.final_evaluation().is_some()) {
            return self.close();
        }
        if self.is_paused {
            self.is_waiting = true;
            return self.roster.present().map(|it| Effect::Standby(it, Standby::Paused)).collect();
        }
        let cohort = self.roster.cohort(self.settings.min_clients, self.settings.max_clients);
        if cohort.len() < self.needed as usize {
            self.is_waiting = true;
            let standby = Standby::Lobby { joined: cohort.len() as u32, needed: self.needed };
            return self.roster.present().map(|it| Effect::Standby(it, standby)).collect();
        }
        // What a round takes does not include waiting for it.
        if std::mem::take(&mut self.is_waiting) {
            self.meter = Meter::default();
        }
        self.attempt += 1;
        let plan = Arc::new(if is_over { self.final_plan() } else { self.plan() });
        let mut effects = Vec::new();
        for client in self.roster.present() {
            if !cohort.contains(&client) {
                effects.push(Effect::Standby(client, Standby::SteppedAside));
            }
        }
        self.roster.begin_round(&cohort);
        self.stage = Stage::Open(Attempt {
            sum: Sum::new(if plan.wants_update { self.state.n_alive_weights() } else { 0 }),
            tally: Tally::new(self.state.mask().len()),
            cohort: cohort.iter().map(|it| (*it, None)).collect(),
            plan: plan.clone(),
        });
        effects.push(Effect::Plan(cohort, plan));
        effects.push(Effect::Wake(Alarm::Deadline { attempt: self.attempt }, self.settings.deadline_secs));
        effects
    }

    /// The plan of the next round: it depends on the committed state alone, so every attempt at a round, and every
    /// restart of the coordinator, asks for the same work.
    fn plan(&self) -> Plan {
        let round = self.state.rounds_committed();
        let is_search = self.recipe.is_mask_search(round);
        let quotas = self.recipe.mask().map_or(vec![], |it| {
            let spaces = self.recipe.model().graph().unit_ranges();
            it.scope.quotas(&spaces, self.state.mask(), it.schedule.density_after(round))
        });
        Plan {
            round,
            seed: random::derive(self.settings.seed, "round", round.into()),
            learning_rate: self.recipe.local().optimizer.learning_rate(round),
            epochs: self.recipe.local().epochs,
            mask: PackedMask(self.state.mask().to_bytes()),
            weights: self.state.packed_weights(),
            quotas: if quotas.iter().all(|it| *it == 0) { vec![] } else { quotas },
            wants_update: !is_search,
        }
    }

    /// Asks for one last evaluation of the final model, on what clients held out.
    fn final_plan(&self) -> Plan {
        Plan { epochs: 0, quotas: vec![], wants_update: false, ..self.plan() }
    }

    /// Stops waiting for a client; the round may be complete without it.
    fn give_up_on(&mut self, client: ClientId) -> Vec<Effect> {
        self.roster.give_up_on(client);
        self.close_if_complete()
    }

    fn close_if_complete(&mut self) -> Vec<Effect> {
        let Stage::Open(attempt) = &self.stage else { return vec![] };
        let roster = &self.roster;
        let is_awaited =
            |(client, counted): (&ClientId, &Option<Counted>)| counted.is_none() && !roster.is_gone(*client);
        if attempt.cohort.iter().any(is_awaited) { vec![] } else { self.close_attempt() }
    }

    fn close_at_deadline(&mut self, attempt: u32) -> Vec<Effect> {
        if attempt != self.attempt || !matches!(self.stage, Stage::Open(_)) {
            return vec![];
        }
        self.close_attempt()
    }

    /// Commits the attempt if enough clients spoke, else voids it: nothing changes and the round opens again.
    fn close_attempt(&mut self) -> Vec<Effect> {
        let Stage::Open(attempt) = std::mem::replace(&mut self.stage, Stage::Lobby) else { return vec![] };
        let counted = attempt.cohort.values().flatten().count();
        let quorum = (self.recipe.raw().rounds.quorum * attempt.cohort.len() as f64).ceil() as usize;
        self.roster.end_round();
        if counted < quorum.max(1) {
            self.state.note_void();
            return self.open();
        }
        if attempt.plan.epochs == 0 {
            self.state.note_final(&attempt);
            return self.close();
        }
        self.commit(attempt)
    }

    /// Every round is committed: measure the last model, or end.
    fn close(&mut self) -> Vec<Effect> {
        if self.state.final_evaluation().is_some() {
            return vec![self.finish()];
        }
        self.stage = Stage::Closing;
        vec![Effect::Evaluate(Arc::new(self.state.clone()))]
    }

    fn finish(&mut self) -> Effect {
        let done = Done {
            rounds: self.state.rounds_committed(),
            accuracy: self.state.latest_evaluation().and_then(|it| it.accuracy()).map(|it| it as f32),
            density: self.state.unit_density() as f32,
        };
        self.stage = Stage::Done(done);
        Effect::Finish(done)
    }

    fn note_evaluation(&mut self, rounds: u32, evaluation: Evaluation) -> Vec<Effect> {
        self.state.note_evaluation(rounds, evaluation);
        let is_last = matches!(self.stage, Stage::Closing) && rounds >= self.state.rounds_committed();
        if is_last { vec![self.finish()] } else { vec![] }
    }

    /// What one client of this cohort may weigh at most.
    fn sample_limit(&self, attempt: &Attempt) -> u32 {
        self.settings.max_samples.min(WEIGHT_LIMIT / attempt.cohort.len().max(1) as u32)
    }
}
