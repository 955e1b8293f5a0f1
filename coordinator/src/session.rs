//! The session's heart: a pure state machine over rounds. Events in, effects out; no clock, socket or disk.
//!
//! ```text
//! lobby ──enough clients or Start──▶ collecting ──complete or deadline──▶ commit ──▶ collecting …
//!   ▲                                  │ no quorum: void, nothing changes, open again      │ last round
//!   └──────── too few clients left ────┘                                     closing ◀─────┘
//!                                               (final evaluation) ──▶ done
//! ```

mod record;
mod saved;
mod roster;
mod state;
mod events;
mod plans;
mod judge;
mod commit;
mod opening;
mod closing;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use protocol::local::Work;
use protocol::mask::Mask;
use protocol::recipe::{Course, Holds, Needs, Recipe};
use protocol::tally::Tally;
use protocol::wire::{Done, Evaluation, Refusal, Standby};

use crate::gather::Gather;
use crate::sums::{Evidence, WEIGHT_LIMIT};
pub use events::{Alarm, Commit, Effect, Event, Introduction, Meter, Order, Sending, Settings};
use plans::Asked;
pub use record::RoundRecord;
pub use roster::{CENTRE, ClientId, Member, MemberState, Roster};
pub use saved::Saved;
pub use state::{Parts, State};
pub use view::{ClientView, Phase, Problem, Role, SpaceView, View};

/// Seconds for which the cohort waits for a client whose connection broke.
pub const GRACE_SECS: u32 = 10;

/// One run of a recipe.
#[derive(Debug)]
pub struct Session {
    recipe: Recipe,
    settings: Settings,
    course: Course,
    holds: Holds,
    state: State,
    /// What is known of every committed round.
    history: Vec<Arc<RoundRecord>>,
    roster: Roster,
    stage: Stage,
    /// Who has been sent a plan of the open round.
    planned: BTreeSet<ClientId>,
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
    Open(Box<Attempt>),
    /// All rounds are committed; the evaluator still measures the last model.
    Closing,
    /// Over.
    Done(Done),
}

/// One opening of a round.
#[derive(Debug)]
struct Attempt {
    needs: Needs,
    work: Work,
    /// Whom it waits for, and what each was asked.
    asked: BTreeMap<ClientId, Asked>,
    /// What counted, by client.
    counted: BTreeMap<ClientId, Counted>,
    gather: Gather,
    evidence: Option<Evidence>,
    tally: Tally,
}

/// What a counted contribution leaves behind besides its sums.
#[derive(Clone, Copy, Debug)]
struct Counted {
    n_samples: u32,
    loss: f32,
    received: Evaluation,
    trained: Evaluation,
    bytes: u64,
}

impl Session {
    /// A session that has yet to start.
    pub fn new(recipe: Recipe, settings: Settings) -> Self {
        let state = State::new(&recipe, settings.seed);
        Self::resumed(recipe, settings, state, vec![])
    }

    /// A session that goes on from a committed state, exactly; `history` is what is known of the rounds that led to it.
    pub fn resumed(recipe: Recipe, settings: Settings, state: State, history: Vec<Arc<RoundRecord>>) -> Self {
        let needed = if recipe.is_central() { 1 } else { settings.min_clients.max(1) };
        Self {
            course: Course::of(&recipe, settings.rounds),
            holds: Holds::of(&recipe),
            recipe,
            settings,
            state,
            history,
            roster: Roster::default(),
            planned: BTreeSet::new(),
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
            Event::Contributed(client, contribution, bytes) => match self.judge(client, &contribution) {
                Err(refusal) => vec![self.refuse(client, refusal)],
                Ok(judged) => {
                    self.count(client, judged, bytes);
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
                self.meter.plans += meter.plans;
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

    /// What is known of every committed round.
    pub fn history(&self) -> &[Arc<RoundRecord>] {
        &self.history
    }

    /// Rounds of all stages, those left out by a stage that ended early not counted.
    pub fn rounds(&self) -> u32 {
        let mut left = 0;
        let place = self.state.place();
        for (stage, length) in self.course.lengths().iter().enumerate().skip(place.stage.into()) {
            let into = if stage == usize::from(place.stage) { self.course.rounds_into_stage(place) } else { 0 };
            left += u64::from(length.total().saturating_sub(into));
        }
        (u64::from(self.state.rounds_committed()) + left).min(u32::MAX.into()) as u32
    }

    /// Whether every round is committed.
    pub fn is_over(&self) -> bool {
        !self.course.has(self.state.place())
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
        let graph = self.recipe.model().graph();
        let blocks = graph.param_ranges();
        let update = self.recipe.stages().iter().map(|it| it.coding.up.packed_len(&blocks)).max().unwrap_or(0);
        let is_sent = self.recipe.stages().iter().any(|it| it.evidence().is_some());
        let evidence = if is_sent { 4 * graph.n_params() } else { 0 };
        let groups = self.recipe.groups();
        let full = Mask::full(groups.n_groups());
        let ballots = self.recipe.stages().iter().filter_map(|it| it.ballots());
        // Whoever votes unasked is told so.
        let ballot = ballots.map(|it| it.n_bits(groups, &full)).fold(full.len(), usize::max);
        update + evidence + ballot.div_ceil(8) + 256
    }

    fn join(&mut self, client: ClientId, introduction: Introduction) -> Vec<Effect> {
        if let Stage::Done(done) = self.stage {
            self.roster.join(client, introduction);
            return vec![Effect::Finish(done)];
        }
        // The centre is the host's own: it takes nobody's place.
        let is_new = client != CENTRE && self.roster.get(client).is_none();
        if is_new && self.roster.n_present() >= self.settings.max_clients as usize {
            let max = self.settings.max_clients;
            return vec![self.refuse(client, Refusal::Full { max })];
        }
        self.roster.join(client, introduction);
        match &self.stage {
            Stage::Open(attempt) if attempt.counted.contains_key(&client) => {
                self.roster.set(client, MemberState::Voted);
                vec![Effect::Standby(client, Standby::NextRound)]
            }
            Stage::Open(attempt) if attempt.asked.contains_key(&client) => self.ask_again(client),
            Stage::Open(_) | Stage::Closing => vec![Effect::Standby(client, self.left_out())],
            Stage::Lobby | Stage::Done(_) => self.open(),
        }
    }

    /// The plan again, for a client that is back: what it has done of it in the meantime still counts, and what it has
    /// forgotten of the mask is told again.
    fn ask_again(&mut self, client: ClientId) -> Vec<Effect> {
        let Stage::Open(attempt) = &self.stage else { return vec![] };
        let plans = match attempt.work {
            Work::Evaluate => self.final_plans(&[client]),
            Work::Epochs(_) | Work::Steps(_) => self.plans(&[client], &attempt.needs),
        };
        let Some(asked) = plans.into_values().next() else { return vec![] };
        let plan = asked.plan.clone();
        if let Stage::Open(attempt) = &mut self.stage {
            attempt.asked.insert(client, asked);
        }
        self.roster.set(client, MemberState::Training);
        vec![Effect::Plan(vec![client], plan, self.sending(client))]
    }

    /// Whether a client is sent a plan of this round for the first time; from now on it has been.
    fn sending(&mut self, client: ClientId) -> Sending {
        if self.planned.insert(client) { Sending::First } else { Sending::Again }
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

    /// The latest measurement of any committed model, of the last one if it is known.
    pub fn latest_evaluation(&self) -> Option<Evaluation> {
        let tested = || self.history.iter().rev().find_map(|it| it.test.or((it.received.n > 0).then_some(it.received)));
        self.state.final_evaluation().or_else(tested).or_else(|| self.state.received()).filter(|it| it.n > 0)
    }

    /// Share of all groups alive; 1 for a model without groups.
    pub fn density(&self) -> f64 {
        let groups = self.recipe.groups();
        groups.density(&groups.alive(self.state.mask()))
    }

    /// What one client of this cohort may weigh at most.
    fn sample_limit(&self, attempt: &Attempt) -> u32 {
        self.settings.max_samples.min(WEIGHT_LIMIT / attempt.asked.len().max(1) as u32)
    }
}
