//! The client's heart: a pure state machine between socket, trainer and person. Events in, effects out.
//!
//! Whatever happens to the connection, finished work is kept and sent again; a plan is all that it needs to begin.

use std::sync::Arc;

use protocol::groups::{Form, Groups};
use protocol::local::Local;
use protocol::mask::Mask;
use protocol::model::Model;
use protocol::patterns::Pattern;
use protocol::random;
use protocol::shard::Shard;
use protocol::task::Task;
use protocol::wire::{Contribution, Done, Down, Hello, MaskBits, Plan, Refusal, Up, VERSION, Welcome};

use crate::notices::{Notice, RowNotice, groups_by_row, vote_by_row};
use crate::trainer::{Assignment, Misfit};

/// Longest wait between two attempts to connect.
const MAX_RETRY_MILLIS: u32 = 8_000;

/// Who joins what.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Identity {
    /// The session's join code.
    pub code: String,
    /// Name to show.
    pub name: String,
    /// What trains, for the host screen.
    pub device: String,
    /// Whether it rests once people have joined.
    pub practice: bool,
    /// From an earlier visit.
    pub token: Option<[u8; 16]>,
    /// Spreads the retries of many clients.
    pub seed: u64,
    /// How fast the device is: sixteenths of a whole model, 1 to 16; 0 until it is measured.
    pub tier: u8,
}

/// All that can happen to a client.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The person joined.
    Started,
    /// The socket is open.
    Opened,
    /// The socket is closed, or could not be opened.
    Closed,
    /// A whole message arrived.
    Received(Down),
    /// Bytes arrived that are no message, or too many of them.
    Garbled(Refusal),
    /// The trainer has finished, or says why it cannot.
    Worked(Result<Contribution, String>),
    /// The retry timer of this attempt is due.
    Woke {
        /// Which attempt.
        attempt: u32,
    },
    /// The page is visible or the network is back: try at once.
    Nudged,
    /// The person leaves.
    Left,
}

/// What the shell must do, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Open a socket.
    Connect,
    /// Send a message.
    Send(Up),
    /// Close the socket, for good.
    Close,
    /// Drop the socket: another one follows.
    Hang,
    /// Give this attempt back as [`Event::Woke`] after so long.
    Wake {
        /// Which attempt.
        attempt: u32,
        /// How long.
        millis: u32,
    },
    /// Compile what this task needs: its data is on the way.
    Foresee(Box<Task>),
    /// Make a trainer for this task and data.
    Prepare(Box<Task>, Shard),
    /// Train; one at a time.
    Work(Box<Assignment>),
    /// Tell the person.
    Tell(Notice),
    /// The session is over.
    Finish(Done),
}

/// One client in one session.
#[derive(Debug)]
pub struct Session {
    identity: Identity,
    link: Link,
    /// Attempts to connect since the last success.
    attempt: u32,
    welcome: Option<Welcome>,
    session: Option<Known>,
    /// Which groups were alive in the latest plan.
    mask: Option<Arc<Mask>>,
    /// How many groups of each row go by the vote that is worked on.
    quotas: Vec<u32>,
    shard_digest: u64,
    /// Round and mask that the trainer works on.
    working: Option<(u32, u64)>,
    /// What came in while it worked on another.
    next: Option<Assignment>,
    /// Kept until another round is asked for.
    finished: Option<Contribution>,
}

/// What a client knows of its session.
#[derive(Debug)]
struct Known {
    task: Task,
    model: Model,
    groups: Groups,
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
            welcome: None,
            session: None,
            mask: None,
            quotas: vec![],
            shard_digest: 0,
            working: None,
            next: None,
            finished: None,
        }
    }

    /// Lets go of finished work: whoever delivers it surely needs no second copy.
    pub fn forget_finished(&mut self) {
        self.finished = None;
    }

    /// Advances by one event.
    pub fn step(&mut self, event: Event) -> Vec<Effect> {
        if self.link == Link::Ended {
            return vec![];
        }
        match event {
            Event::Started => self.connect(),
            Event::Opened => self.open(),
            Event::Closed => self.lose(),
            Event::Received(message) => self.receive(message),
            Event::Garbled(refusal) => {
                self.fail(format!("the coordinator sent something unreadable ({refusal}): reload the page"))
            }
            Event::Worked(Ok(contribution)) => self.finish_work(contribution),
            Event::Worked(Err(message)) => self.fail(message),
            Event::Woke { attempt } if self.link == Link::Offline && attempt == self.attempt => self.connect(),
            Event::Nudged if self.link == Link::Offline => self.connect(),
            Event::Woke { .. } | Event::Nudged => vec![],
            Event::Left => {
                let was_online = self.link == Link::Online;
                self.link = Link::Ended;
                let goodbye = was_online.then_some(Effect::Send(Up::Leave));
                goodbye.into_iter().chain([Effect::Close]).collect()
            }
        }
    }

    /// The longest message that makes sense now.
    pub fn longest_message(&self) -> usize {
        let Some(Known { task, model, groups }) = &self.session else { return 1 << 20 };
        let shard = self.welcome.as_ref().map_or(0, |it| it.shard_bytes as usize);
        let blocks = model.graph().param_ranges();
        let weights = task.stages.iter().map(|it| it.coding.down.packed_len(&blocks)).max().unwrap_or(0);
        // A mask, and five bytes for each row's quota and lot.
        let plan = weights + groups.n_groups().div_ceil(8) + 10 * groups.rows.len();
        // After a reconnect the task comes once more.
        let task = self.welcome.as_ref().map_or(0, |it| it.task.len());
        shard.max(plan).max(task) + 1024
    }

    /// What trains, once the probe has chosen.
    pub fn name_device(&mut self, name: &str, tier: u8) {
        name.clone_into(&mut self.identity.device);
        self.identity.tier = tier;
    }

    fn connect(&mut self) -> Vec<Effect> {
        self.link = Link::Connecting;
        self.attempt += 1;
        vec![Effect::Tell(Notice::Connecting { attempt: self.attempt }), Effect::Connect]
    }

    fn open(&mut self) -> Vec<Effect> {
        self.link = Link::Online;
        let Identity { code, name, device, practice, token, seed: _, tier } = self.identity.clone();
        let mask = self.mask.as_ref().map_or(0, |it| it.id());
        let (version, shard_digest) = (VERSION, self.shard_digest);
        let hello = Hello { version, code, token, name, device, practice, shard_digest, mask, tier };
        vec![Effect::Send(Up::Hello(hello))]
    }

    fn lose(&mut self) -> Vec<Effect> {
        self.link = Link::Offline;
        // Half to one and a half of a doubling wait, so that a class does not return all at once.
        let step = 250_u32.saturating_mul(1 << self.attempt.min(6)).min(MAX_RETRY_MILLIS);
        let jitter = random::unit_f32(self.identity.seed, u64::from(self.identity.practice), self.attempt.into());
        let millis = (step as f32 * (0.5 + jitter)) as u32;
        let offline = Notice::Offline { retry_secs: millis as f32 / 1e3 };
        vec![Effect::Tell(offline), Effect::Wake { attempt: self.attempt, millis }]
    }

    fn receive(&mut self, message: Down) -> Vec<Effect> {
        match message {
            Down::Welcome(welcome) => self.enter(welcome),
            Down::Shard(shard) => self.take(shard),
            Down::Plan(plan) => self.begin(plan),
            Down::Standby(standby) => vec![Effect::Tell(standby.into())],
            Down::Refused(refusal) => {
                let message = refusal.to_string();
                if !refusal.is_fatal() {
                    return vec![Effect::Tell(Notice::Refused { message })];
                }
                self.fail(message)
            }
            Down::Done(done) => {
                self.link = Link::Ended;
                vec![Effect::Tell(done.into()), Effect::Close, Effect::Finish(done)]
            }
        }
    }

    fn enter(&mut self, welcome: Welcome) -> Vec<Effect> {
        let read = |text: &str| {
            let task = Task::from_json(text)?;
            let model = task.model()?;
            Ok::<_, String>(Known { groups: task.groups(&model), task, model })
        };
        let known = match read(&welcome.task) {
            Ok(known) => known,
            Err(error) => {
                return self.fail(format!("this page cannot run the session's recipe: {error}; reload the page"));
            }
        };
        self.attempt = 0;
        self.identity.token = Some(welcome.token);
        let row = |it: &protocol::groups::Row| RowNotice { name: it.name.clone(), size: it.len() };
        let notice = Notice::Welcome {
            client: welcome.client,
            token: welcome.token.iter().map(|it| format!("{it:02x}")).collect(),
            recipe: known.task.name.clone(),
            about: known.task.about.clone(),
            data: welcome.data.clone(),
            rounds: welcome.rounds,
            n_params: known.model.graph().n_params(),
            pattern: known.task.pattern.as_ref().map_or("unit", Pattern::name),
            spaces: known.groups.rows.iter().map(row).collect(),
        };
        let is_new = self.session.is_none();
        let foresee = is_new.then(|| Effect::Foresee(Box::new(known.task.clone())));
        self.session = Some(known);
        self.welcome = Some(welcome);
        [Effect::Tell(Notice::Online), Effect::Tell(notice)].into_iter().chain(foresee).collect()
    }

    fn take(&mut self, shard: Shard) -> Vec<Effect> {
        let Some(Known { task, model, .. }) = &self.session else { return vec![] };
        if let Some(problem) = shard.problem(model.sample_len(), model.n_classes()) {
            return self.fail(format!("the data does not fit the model: {problem}"));
        }
        let Local { held_out, samples, .. } = task.stage(0).local;
        let n_held_out = shard.n_held_out(held_out);
        let n_train = shard.len() - n_held_out;
        let notice = Notice::Data {
            n_train: samples.map_or(n_train, |it| n_train.min(it as usize)),
            n_held_out,
            bytes: shard.features.len() + shard.labels.len(),
        };
        let prepare = Effect::Prepare(Box::new(task.clone()), shard);
        let Effect::Prepare(_, shard) = &prepare else { return vec![] };
        self.shard_digest = shard.digest();
        vec![Effect::Tell(notice), prepare]
    }

    /// A plan came in: a new one, or again after a reconnect.
    fn begin(&mut self, plan: Plan) -> Vec<Effect> {
        if self.shard_digest == 0 {
            return self.fail("a plan came before any data: reload the page".into());
        }
        let Some(known) = &self.session else { return vec![] };
        let assignment = match Assignment::new(plan, &known.groups, self.mask.as_ref()) {
            Ok(assignment) => assignment,
            // Whoever does not have a mask asks for its bits, once.
            Err(Misfit::UnknownMask) if self.mask.take().is_some() => return self.reconnect(),
            Err(misfit) => return self.fail(format!("the plan does not fit the model: {misfit}; reload the page")),
        };
        self.mask = Some(assignment.mask().clone());
        let plan = assignment.plan();
        if let Some(done) = self.finished.as_ref().filter(|it| it.round == plan.round && it.mask == plan.mask.id) {
            return vec![Effect::Send(Up::Contribution(done.clone()))];
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
        let Some((known, welcome)) = self.session.as_ref().zip(self.welcome.as_ref()) else { return vec![] };
        let (plan, mask) = (assignment.plan(), assignment.mask());
        self.working = Some((plan.round, plan.mask.id));
        self.quotas = plan.vote.clone().unwrap_or_default();
        let alive = known.groups.alive(mask);
        let notice = Notice::Plan {
            round: plan.round,
            rounds: welcome.rounds,
            stage: known.task.stage(plan.stage).name.clone(),
            n_alive_weights: known.groups.kept(known.model.graph(), mask).len(),
            density: known.groups.density(&alive),
            alive,
            mask: groups_by_row(&known.groups, mask),
            is_own_part: matches!(plan.mask.bits, MaskBits::Drawn(_)),
            saves_time: known.groups.form == Form::Narrow,
            wants_vote: plan.vote.is_some(),
            bytes: protocol::wire::encoded_len(plan),
        };
        vec![Effect::Tell(notice), Effect::Work(Box::new(assignment))]
    }

    fn finish_work(&mut self, contribution: Contribution) -> Vec<Effect> {
        self.working = None;
        // The round has moved on: what was done for the old one is of no use.
        if let Some(next) = self.next.take() {
            return self.work(next);
        }
        self.finished = Some(contribution.clone());
        if self.link != Link::Online {
            return vec![];
        }
        vec![Effect::Tell(self.sent(&contribution)), Effect::Send(Up::Contribution(contribution))]
    }

    fn sent(&self, it: &Contribution) -> Notice {
        let vote = it.vote.as_ref().zip(self.session.as_ref());
        let drawn = |vote, groups| vote_by_row(vote, groups, self.mask.as_ref()?, &self.quotas);
        let vote = vote.and_then(|(vote, known)| drawn(vote, &known.groups));
        Notice::Sent {
            round: it.round,
            loss: it.loss,
            accuracy: it.received.accuracy().map(|it| it as f32),
            trained_accuracy: it.trained.accuracy().map(|it| it as f32),
            vote,
            bytes: protocol::wire::encoded_len(it),
            train_millis: f64::from(it.train_micros) / 1e3,
        }
    }

    /// It cannot go on: say why, and do not let the others wait.
    fn fail(&mut self, message: String) -> Vec<Effect> {
        let was_online = self.link == Link::Online;
        self.link = Link::Ended;
        let goodbye = was_online.then_some(Effect::Send(Up::Leave));
        [tell_failed(message)].into_iter().chain(goodbye).chain([Effect::Close]).collect()
    }
}

fn tell_failed(message: String) -> Effect {
    Effect::Tell(Notice::Failed { message })
}
