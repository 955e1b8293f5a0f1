//! The client's heart: a pure state machine between socket, trainer and person. Events in, effects out.
//!
//! Whatever happens to the connection, finished work is kept and sent again; a plan is all that it needs to begin.

use protocol::mask::Mask;
use protocol::random;
use protocol::recipe::{RawRecipe, Recipe};
use protocol::shard::Shard;
use protocol::wire::{Contribution, Done, Down, Hello, Plan, Refusal, Up, VERSION, Welcome};

use crate::notices::{Notice, SpaceNotice, units_by_space};

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
    /// Give this attempt back as [`Event::Woke`] after so long.
    Wake {
        /// Which attempt.
        attempt: u32,
        /// How long.
        millis: u32,
    },
    /// Compile what this recipe needs: its data is on the way.
    Foresee(Box<Recipe>),
    /// Make a trainer for this recipe and data.
    Prepare(Box<Recipe>, Shard),
    /// Train; one at a time.
    Work(Plan),
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
    recipe: Option<Recipe>,
    shard_digest: u64,
    /// The round that the trainer works on.
    working: Option<u32>,
    /// What came in while it worked on another.
    next: Option<Plan>,
    /// Kept until another round is asked for.
    finished: Option<Contribution>,
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
            recipe: None,
            shard_digest: 0,
            working: None,
            next: None,
            finished: None,
        }
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
        let Some(recipe) = &self.recipe else { return 1 << 20 };
        let shard = self.welcome.as_ref().map_or(0, |it| it.shard_bytes as usize);
        shard.max(4 * recipe.model().graph().n_params() + recipe.model().graph().n_units()) + 1024
    }

    /// What trains, once the probe has chosen.
    pub fn name_device(&mut self, name: &str) {
        name.clone_into(&mut self.identity.device);
    }

    fn connect(&mut self) -> Vec<Effect> {
        self.link = Link::Connecting;
        self.attempt += 1;
        vec![Effect::Tell(Notice::Connecting { attempt: self.attempt }), Effect::Connect]
    }

    fn open(&mut self) -> Vec<Effect> {
        self.link = Link::Online;
        let Identity { code, name, device, practice, token, seed: _ } = self.identity.clone();
        let hello = Hello { version: VERSION, code, token, name, device, practice, shard_digest: self.shard_digest };
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
        let recipe = match RawRecipe::from_json(&welcome.recipe).and_then(RawRecipe::check) {
            Ok(recipe) => recipe,
            Err(error) => {
                return self.fail(format!("this page cannot run the session's recipe: {error}; reload the page"));
            }
        };
        self.attempt = 0;
        self.identity.token = Some(welcome.token);
        let graph = recipe.model().graph();
        let space = |it: &protocol::graph::Space| SpaceNotice { name: it.name.clone(), size: it.size };
        let notice = Notice::Welcome {
            client: welcome.client,
            token: welcome.token.iter().map(|it| format!("{it:02x}")).collect(),
            recipe: recipe.raw().name.clone(),
            about: recipe.raw().about.clone(),
            data: welcome.data.clone(),
            rounds: welcome.rounds,
            n_params: graph.n_params(),
            spaces: graph.spaces.iter().map(space).collect(),
        };
        let is_new = self.recipe.is_none();
        let foresee = is_new.then(|| Effect::Foresee(Box::new(recipe.clone())));
        self.recipe = Some(recipe);
        self.welcome = Some(welcome);
        [Effect::Tell(Notice::Online), Effect::Tell(notice)].into_iter().chain(foresee).collect()
    }

    fn take(&mut self, shard: Shard) -> Vec<Effect> {
        let Some(recipe) = &self.recipe else { return vec![] };
        let model = recipe.model();
        if let Some(problem) = shard.problem(model.sample_len(), model.n_classes()) {
            return self.fail(format!("the data does not fit the model: {problem}"));
        }
        self.shard_digest = shard.digest();
        let n_held_out = shard.n_held_out(recipe.local().held_out);
        let notice = Notice::Data {
            n_train: shard.len() - n_held_out,
            n_held_out,
            bytes: shard.features.len() + shard.labels.len(),
        };
        vec![Effect::Tell(notice), Effect::Prepare(Box::new(recipe.clone()), shard)]
    }

    /// A plan came in: a new one, or again after a reconnect.
    fn begin(&mut self, plan: Plan) -> Vec<Effect> {
        if self.shard_digest == 0 {
            return self.fail("a plan came before any data: reload the page".into());
        }
        if let Some(done) = self.finished.as_ref().filter(|it| it.round == plan.round) {
            return vec![Effect::Send(Up::Contribution(done.clone()))];
        }
        self.finished = None;
        match self.working {
            Some(round) if round == plan.round => vec![],
            Some(_) => {
                self.next = Some(plan);
                vec![]
            }
            None => self.work(plan),
        }
    }

    fn work(&mut self, plan: Plan) -> Vec<Effect> {
        let Some((recipe, welcome)) = self.recipe.as_ref().zip(self.welcome.as_ref()) else { return vec![] };
        let graph = recipe.model().graph();
        let Some(mask) = Mask::from_bytes(graph.n_units(), &plan.mask.0) else {
            return self.fail("the plan's mask does not fit the model: reload the page".into());
        };
        self.working = Some(plan.round);
        let notice = Notice::Plan {
            round: plan.round,
            rounds: welcome.rounds,
            n_alive_weights: recipe.model().pruned(&mask).n_params(),
            density: mask.count() as f64 / mask.len().max(1) as f64,
            mask: units_by_space(graph, &mask),
            wants_vote: !plan.quotas.is_empty(),
            bytes: protocol::wire::encoded_len(&plan),
        };
        vec![Effect::Tell(notice), Effect::Work(plan)]
    }

    fn finish_work(&mut self, contribution: Contribution) -> Vec<Effect> {
        self.working = None;
        // The round has moved on: what was done for the old one is of no use.
        if let Some(plan) = self.next.take_if(|it| it.round != contribution.round) {
            return self.work(plan);
        }
        self.next = None;
        self.finished = Some(contribution.clone());
        if self.link != Link::Online {
            return vec![];
        }
        vec![Effect::Tell(self.sent(&contribution)), Effect::Send(Up::Contribution(contribution))]
    }

    fn sent(&self, it: &Contribution) -> Notice {
        let graph = self.recipe.as_ref().map(|it| it.model().graph());
        let vote = it
            .vote
            .as_ref()
            .zip(graph)
            .and_then(|(vote, graph)| Some(units_by_space(graph, &Mask::from_bytes(graph.n_units(), &vote.0)?)));
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
