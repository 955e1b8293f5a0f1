//! The client's heart: a pure state machine between socket, trainer and person. Events in, effects out.
//!
//! Whatever happens to the connection, finished work is kept and sent again; a plan is all that it needs to begin.

mod events;
mod showing;
mod supply;

use std::sync::Arc;

use protocol::data::shard::Shard;
use protocol::groups::{Form, Groups};
use protocol::mask::Mask;
use protocol::model::Model;
use protocol::patterns::Pattern;
use protocol::task::Task;
use protocol::wire::{Contribution, Down, Hello, MaskBits, Plan, Up, VERSION, Welcome, encoded_len};
use protocol::{hex, random};

use crate::failure::Failure;
use crate::own;
use crate::trainer::{Assignment, Misfit};
use crate::view::{About, Connection, Round, Sent, State, Traffic, View};
pub use events::{Effect, Event, Identity};
use showing::Showing;
use supply::Supply;

/// Longest wait between two attempts to connect.
const MAX_RETRY_MILLIS: u32 = 8_000;

/// One client in one session.
#[derive(Debug)]
pub struct Session {
    identity: Identity,
    link: Link,
    /// Attempts to connect since the last success.
    attempt: u32,
    shard_bytes: usize,
    session: Option<Known>,
    /// Which groups were alive in the latest plan.
    mask: Option<Arc<Mask>>,
    /// How many groups of each row go by the vote that is worked on.
    quotas: Vec<u32>,
    supply: Supply,
    /// Round and mask that the trainer works on.
    working: Option<(u32, u64)>,
    /// What came in while it worked on another.
    next: Option<Assignment>,
    /// Kept until another round is asked for.
    finished: Option<Contribution>,
    showing: Showing,
}

/// What a client knows of its session.
#[derive(Debug)]
struct Known {
    task: Task,
    model: Model,
    groups: Groups,
}

impl Known {
    /// Why this data cannot be trained on, if so.
    fn problem(&self, shard: &Shard) -> Option<String> {
        shard.problem(self.model.sample_len(), self.model.n_classes())
    }
}

/// Where the connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Offline,
    Connecting,
    Online,
    /// Over: nothing is sent or tried any more.
    Ended,
}

impl Session {
    /// A client that has yet to connect.
    pub fn new(identity: Identity) -> Self {
        Self {
            identity,
            link: Link::Offline,
            attempt: 0,
            shard_bytes: 0,
            session: None,
            mask: None,
            quotas: vec![],
            supply: Supply::default(),
            working: None,
            next: None,
            finished: None,
            showing: Showing::default(),
        }
    }

    /// All that a person may see.
    pub fn view(&self) -> View {
        self.showing.view(self.session.as_ref().map(|it| &it.groups))
    }

    /// Notes how many bytes the sockets have carried.
    pub fn carried(&mut self, traffic: Traffic) {
        self.showing.traffic = traffic;
    }

    /// Lets go of finished work: whoever delivers it surely needs no second copy.
    pub fn forget_finished(&mut self) {
        self.finished = None;
        self.showing.forget_votes();
    }

    /// Advances by one event.
    pub fn step(&mut self, event: Event) -> Vec<Effect> {
        if self.link == Link::Ended {
            return vec![];
        }
        match event {
            Event::Started => self.connect(),
            Event::Probed(device, tier) => {
                (self.identity.device, self.identity.tier) = (device.name.clone(), tier);
                self.showing.device = Some(*device);
                self.connect()
            }
            Event::Compiled(compiling) => self.note(|it| it.compiling = Some(compiling)),
            Event::Opened => self.open(),
            Event::Closed => self.lose(),
            Event::Received(message) => self.receive(message),
            Event::Brought(shard) => self.bring(shard),
            Event::Garbled(refusal) => self.fail(Failure::Unreadable(refusal)),
            Event::Ticked(tick) => self.note(|it| it.tick(tick)),
            Event::Recovered(fallback) => self.note(|it| it.state = State::Recovering(fallback)),
            Event::Worked(Ok(contribution)) => self.finish_work(contribution),
            Event::Worked(Err(failure)) => self.fail(failure),
            Event::Woke { attempt } if self.link == Link::Offline && attempt == self.attempt => self.connect(),
            Event::Nudged if self.link == Link::Offline => self.connect(),
            Event::Woke { .. } | Event::Nudged => vec![],
            Event::Left => {
                let goodbye = self.part();
                self.showing.state = State::Left;
                goodbye.into_iter().chain([Effect::Close]).collect()
            }
        }
    }

    /// Notes what is only shown.
    fn note(&mut self, note: impl FnOnce(&mut Showing)) -> Vec<Effect> {
        note(&mut self.showing);
        vec![]
    }

    /// Ends the connection, with a goodbye where somebody hears it.
    fn part(&mut self) -> Option<Effect> {
        let was_online = self.link == Link::Online;
        (self.link, self.showing.connection) = (Link::Ended, Connection::None);
        was_online.then_some(Effect::Send(Up::Leave))
    }

    /// The longest message that makes sense now.
    pub fn longest_message(&self) -> usize {
        let Some(Known { task, model, groups }) = &self.session else { return 1 << 20 };
        let blocks = model.graph().param_ranges();
        let weights = task.stages.iter().map(|it| it.coding.down.packed_len(&blocks)).max().unwrap_or(0);
        // A mask, and five bytes for each row's quota and lot.
        let plan = weights + groups.n_groups().div_ceil(8) + 10 * groups.rows.len();
        // After a reconnect the task comes once more.
        self.shard_bytes.max(plan).max(encoded_len(task)) + 1024
    }

    fn connect(&mut self) -> Vec<Effect> {
        self.link = Link::Connecting;
        self.attempt += 1;
        self.showing.connection = Connection::Connecting { attempt: self.attempt };
        if self.showing.state == State::Probing {
            self.showing.state = State::Connecting;
        }
        vec![Effect::Connect]
    }

    fn open(&mut self) -> Vec<Effect> {
        self.link = Link::Online;
        let Identity { code, name, device, practice, token, seed: _, tier } = self.identity.clone();
        let mask = self.mask.as_ref().map_or(0, |it| it.id());
        let (version, shard_digest) = (VERSION, self.supply.digest);
        let hello = Hello { version, code, token, name, device, practice, shard_digest, mask, tier };
        vec![Effect::Send(Up::Hello(hello))]
    }

    fn lose(&mut self) -> Vec<Effect> {
        self.link = Link::Offline;
        // Half to one and a half of a doubling wait, so that a class does not return all at once.
        let step = 250_u32.saturating_mul(1 << self.attempt.min(6)).min(MAX_RETRY_MILLIS);
        let jitter = random::unit_f32(self.identity.seed, u64::from(self.identity.practice), self.attempt.into());
        let millis = (step as f32 * (0.5 + jitter)) as u32;
        self.showing.connection = Connection::Offline { retry_secs: millis as f32 / 1e3 };
        vec![Effect::Wake { attempt: self.attempt, millis }]
    }

    fn receive(&mut self, message: Down) -> Vec<Effect> {
        match message {
            Down::Welcome(welcome) => self.enter(*welcome),
            Down::Shard(shard) => self.take(shard),
            Down::Plan(plan) => self.begin(plan),
            Down::Standby(standby) => self.note(|it| it.state = standby.into()),
            Down::Refused(refusal) if refusal.is_fatal() => self.fail(Failure::Refused(refusal)),
            Down::Refused(refusal) => self.note(|it| it.refusal = Some(refusal)),
            Down::Done(done) => {
                (self.link, self.showing.connection) = (Link::Ended, Connection::None);
                self.showing.end(done);
                vec![Effect::Close, Effect::Finish(Ok(done))]
            }
        }
    }

    fn enter(&mut self, welcome: Welcome) -> Vec<Effect> {
        let task = welcome.task;
        let known = match task.model() {
            Ok(model) => Known { groups: task.groups(&model), task, model },
            Err(detail) => return self.fail(Failure::Recipe { detail }),
        };
        self.attempt = 0;
        self.identity.token = Some(welcome.token);
        self.showing.connection = Connection::Online;
        self.showing.session = Some(About {
            client: welcome.client,
            token: hex::text(&welcome.token),
            recipe: known.task.name.clone(),
            about: known.task.about.clone(),
            data: welcome.data,
            rounds: welcome.rounds,
            n_params: known.model.graph().n_params(),
            pattern: known.task.pattern.as_ref().map_or("unit", Pattern::name),
            own_kinds: own::fitting(known.model.sample_len()),
        });
        if matches!(self.showing.state, State::Probing | State::Connecting) {
            self.showing.state = State::Ready;
        }
        let is_new = self.session.is_none();
        let foresee = is_new.then(|| Effect::Foresee(Box::new(known.task.clone())));
        self.session = Some(known);
        self.shard_bytes = welcome.shard_bytes as usize;
        foresee.into_iter().chain(self.settle()).collect()
    }

    /// A plan came in: a new one, or again after a reconnect.
    fn begin(&mut self, plan: Plan) -> Vec<Effect> {
        if !self.supply.is_there() {
            return self.fail(Failure::PlanBeforeData);
        }
        let Some(known) = &self.session else { return vec![] };
        let assignment = match Assignment::new(plan, &known.groups, self.mask.as_ref()) {
            Ok(assignment) => assignment,
            // Whoever does not have a mask asks for its bits, once.
            Err(Misfit::UnknownMask) if self.mask.take().is_some() => return self.reconnect(),
            Err(misfit) => return self.fail(misfit.into()),
        };
        self.mask = Some(assignment.mask().clone());
        let plan = assignment.plan();
        if let Some(done) = self.finished.as_ref().filter(|it| it.round == plan.round && it.mask == plan.mask.id) {
            let done = done.clone();
            self.deliver(&done);
            return vec![Effect::Send(Up::Contribution(done))];
        }
        self.finished = None;
        match self.working {
            Some(working) => {
                let is_under_way = working == (plan.round, plan.mask.id);
                self.next = (!is_under_way).then_some(assignment);
                vec![]
            }
            None => self.work(assignment),
        }
    }

    /// Begins the connection anew, which tells the coordinator what is at hand.
    fn reconnect(&mut self) -> Vec<Effect> {
        let mut effects = vec![Effect::Hang];
        effects.extend(self.connect());
        effects
    }

    fn work(&mut self, assignment: Assignment) -> Vec<Effect> {
        let Some(known) = &self.session else { return vec![] };
        let (plan, mask) = (assignment.plan(), assignment.mask());
        self.working = Some((plan.round, plan.mask.id));
        self.quotas = plan.vote.clone().unwrap_or_default();
        let alive = known.groups.alive(mask);
        let round = Round {
            number: plan.round,
            stage: known.task.stage(plan.stage).name.clone(),
            n_alive_weights: known.groups.kept(known.model.graph(), mask).len(),
            density: known.groups.density(&alive),
            is_own_part: matches!(plan.mask.bits, MaskBits::Drawn(_)),
            saves_time: known.groups.form == Form::Narrow,
            wants_vote: plan.vote.is_some(),
            bytes: protocol::wire::encoded_len(plan),
        };
        self.showing.begin(round, alive, mask.clone());
        vec![Effect::Work(Box::new(assignment))]
    }

    fn finish_work(&mut self, contribution: Contribution) -> Vec<Effect> {
        self.working = None;
        let mut effects = self.settle();
        // The round has moved on: what was done for the old one is of no use.
        if let Some(next) = self.next.take() {
            effects.extend(self.work(next));
            return effects;
        }
        self.finished = Some(contribution.clone());
        if self.link == Link::Online {
            self.deliver(&contribution);
            effects.push(Effect::Send(Up::Contribution(contribution)));
        }
        effects
    }

    /// Shows what is sent.
    fn deliver(&mut self, it: &Contribution) {
        let vote = it.vote.as_ref().zip(self.session.as_ref()).zip(self.showing.mask.as_ref());
        let votes = vote.and_then(|((vote, known), mask)| showing::votes(vote, &known.groups, mask, &self.quotas));
        let train_millis = f64::from(it.train_micros) / 1e3;
        let sent = Sent { bytes: protocol::wire::encoded_len(it), train_millis };
        let state = if votes.is_some() { State::Voted(sent) } else { State::Sent(sent) };
        self.showing.deliver(state, it, votes.unwrap_or_default());
    }

    /// It cannot go on: say why, and do not let the others wait.
    fn fail(&mut self, failure: Failure) -> Vec<Effect> {
        let goodbye = self.part();
        self.showing.state = State::Failed(failure.clone());
        goodbye.into_iter().chain([Effect::Close, Effect::Finish(Err(failure))]).collect()
    }
}
