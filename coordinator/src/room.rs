//! A room: one task that owns a session, feeds it what happens, and does what it says, in order.

mod effects;
mod line;
mod saving;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use protocol::wire::{Contribution, Done, Evaluation, Hello, Plan, Refusal};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use crate::outbox::{Frames, Outbox};
use crate::session::{Alarm, ClientId, Effect, Event, Meter, Order, Problem, Session, State, View};
use crate::store::{Checkpoint, Identity, Store};
use crate::traffic::Traffic;
use crate::waiting::Waiting;
use line::Line;
use saving::Saving;

/// Measures a committed model for the host; runs on a thread of its own.
pub trait Evaluator: Send + 'static {
    /// How the model does on the host's test data.
    fn evaluate(&mut self, state: &State) -> Evaluation;
}

/// Least time between two views.
const VIEW_PAUSE: Duration = Duration::from_millis(100);

/// Refusals of one client, or of pages, that the journal spells out.
const JOURNALED_REFUSALS: u32 = 100;

/// Under what pages of other origins are counted among those refused.
pub const FOREIGN: &str = "foreign_page";

/// Calls that may wait; when the room is behind, sockets stop reading instead.
pub(crate) const CALLS_LIMIT: usize = 32;

/// What the world tells a room.
pub(crate) enum Call {
    /// A client wants in.
    Join(Hello, Arc<Traffic>, oneshot::Sender<Result<Seat, Refusal>>),
    /// A client that is in did something.
    Said(Seated, Said),
    /// Somebody was refused at the door.
    Turned(Refusal),
    /// A page of this origin, which is not ours, was refused at the door.
    Foreign(String),
    /// The host gives an order.
    Ordered(Order),
    /// The evaluator has measured the model after so many rounds.
    Evaluated(u32, Evaluation),
    /// The evaluator has panicked.
    EvaluatorGone,
}

/// What a client did.
pub(crate) enum Said {
    /// And how many bytes that took on the socket.
    Contributed(Box<Contribution>, u64),
    /// What it sent makes no sense.
    Misbehaved(Refusal),
    /// It left on purpose.
    Departed,
    /// Its connection broke.
    Lost,
}

/// One connection of one client: an old connection has no say once a newer one is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seated {
    pub(crate) client: ClientId,
    pub(crate) connection: u64,
}

/// What a socket needs to serve a client that is in.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) seated: Seated,
    pub(crate) outbox: Arc<Outbox>,
    /// The longest message that the client may send.
    pub(crate) allowed: usize,
}

/// What the room shows to everyone who looks.
#[derive(Clone, Debug)]
pub(crate) struct Windows {
    pub(crate) views: watch::Sender<Arc<View>>,
    pub(crate) committed: watch::Sender<Arc<State>>,
    pub(crate) done: watch::Sender<Option<Done>>,
}

/// What a room is made of.
pub(crate) struct Furniture {
    pub(crate) session: Session,
    pub(crate) identity: Identity,
    pub(crate) dataset: String,
    /// Encoded shards with their digests; client n gets part n mod parts.
    pub(crate) parts: Vec<(u64, Frames)>,
    pub(crate) store: Option<Arc<Store>>,
    /// All data together with its digest, where the recipe asks a centre.
    pub(crate) pooled: Option<(u64, Frames)>,
    pub(crate) evaluator: Option<Waiting>,
    pub(crate) windows: Windows,
}

/// The task of one session: owns its heart and performs its effects in order.
pub(crate) struct Room {
    it: Furniture,
    calls: mpsc::Receiver<Call>,
    lines: BTreeMap<ClientId, Line>,
    n_connections: u64,
    alarms: BTreeSet<(Instant, Alarm)>,
    /// The plan that was encoded last.
    encoded: Option<(Arc<Plan>, Frames)>,
    metered_at: Instant,
    /// When the next view is due, if anything has changed.
    view_due: Option<Instant>,
    viewed_at: Option<Instant>,
    problem: Option<Problem>,
    /// Pages of other origins that were refused, and the last one's origin until somebody has joined since.
    n_foreign: u32,
    foreign: Option<String>,
    /// Rounds committed since the last checkpoint, and when that was.
    unsaved: u32,
    saved_at: Instant,
    /// What is on its way to the disk, and what waits until it is there.
    saving: Option<Saving>,
    held: VecDeque<Effect>,
}

impl Room {
    pub(crate) fn new(it: Furniture, calls: mpsc::Receiver<Call>) -> Self {
        Self {
            it,
            calls,
            lines: BTreeMap::new(),
            n_connections: 0,
            alarms: BTreeSet::new(),
            encoded: None,
            metered_at: Instant::now(),
            view_due: None,
            viewed_at: None,
            problem: None,
            n_foreign: 0,
            foreign: None,
            unsaved: 0,
            saved_at: Instant::now(),
            saving: None,
            held: VecDeque::new(),
        }
    }

    /// Runs until nobody can call any more.
    pub(crate) async fn run(mut self) {
        self.journal(&Note::Opened { rounds: self.it.session.state().rounds_committed() });
        if self.it.session.is_over() {
            // Resumed after the last commit: there may be nobody left to wait for.
            self.advance(Event::Ordered(Order::Start));
        }
        loop {
            let alarm = self.alarms.first().map(|it| it.0);
            tokio::select! {
                call = self.calls.recv() => match call {
                    Some(call) => self.answer(call),
                    None => return,
                },
                () = until(alarm) => {
                    if let Some((_, alarm)) = self.alarms.pop_first() {
                        self.advance(Event::Woke(alarm));
                    }
                }
                () = until(self.view_due) => self.show(),
                news = saving::news(&mut self.saving) => self.hear_of_disk(news),
            }
        }
    }

    fn answer(&mut self, call: Call) {
        match call {
            Call::Join(hello, traffic, reply) => self.admit(hello, traffic, reply),
            Call::Said(seated, said) => self.hear(seated, said),
            Call::Turned(refusal) => {
                self.it.session.note_refusal(&refusal);
                self.journal(&Note::Refused { client: None, kind: refusal.kind() });
                self.change();
            }
            Call::Foreign(origin) => self.refuse_page(origin),
            Call::Ordered(order) => {
                self.journal(&Note::Ordered { order });
                self.advance(Event::Ordered(order));
            }
            Call::EvaluatorGone => self.miss_the_evaluator(),
            Call::Evaluated(rounds, evaluation) => {
                self.journal(&Note::Evaluated { rounds, evaluation });
                self.advance(Event::Evaluated(rounds, evaluation));
            }
        }
    }

    /// A page that people opened where the host does not know that it can be found, or one that means harm.
    fn refuse_page(&mut self, origin: String) {
        self.n_foreign += 1;
        if self.n_foreign <= JOURNALED_REFUSALS {
            self.journal(&Note::Refused { client: None, kind: FOREIGN });
        }
        self.foreign = Some(origin);
        self.change();
    }

    fn miss_the_evaluator(&mut self) {
        self.problem = Some(Problem::EvaluatorGone);
        self.change();
    }

    fn hear(&mut self, Seated { client, connection }: Seated, said: Said) {
        if self.lines.get(&client).is_none_or(|it| it.connection != connection) {
            return;
        }
        match said {
            Said::Contributed(it, bytes) => self.advance(Event::Contributed(client, *it, bytes)),
            Said::Misbehaved(refusal) => self.advance(Event::Misbehaved(client, refusal)),
            Said::Departed => {
                self.hang_up(client);
                self.journal(&Note::Left { client });
                self.advance(Event::Departed(client));
            }
            Said::Lost => {
                self.hang_up(client);
                self.journal(&Note::Lost { client });
                self.advance(Event::Lost(client));
            }
        }
    }

    fn advance(&mut self, event: Event) {
        self.meter();
        let effects = self.it.session.step(event);
        self.execute(effects);
        self.change();
    }

    /// Tells the session what has gone over the sockets since the last time, before anything that may close a round.
    fn meter(&mut self) {
        let elapsed = self.metered_at.elapsed();
        self.metered_at += elapsed;
        let mut meter = Meter { micros: elapsed.as_micros() as u64, ..Meter::default() };
        for line in self.lines.values_mut() {
            let bytes = line.take_traffic();
            meter.up += bytes.up;
            meter.down += bytes.down;
            meter.plans += bytes.plans;
        }
        self.it.session.step(Event::Metered(meter));
    }

    /// Something is worth showing, soon.
    fn change(&mut self) {
        let due = self.viewed_at.map_or_else(Instant::now, |it| it + VIEW_PAUSE);
        self.view_due.get_or_insert(due);
    }

    fn show(&mut self) {
        self.view_due = None;
        self.viewed_at = Some(Instant::now());
        let mut view = self.durable(self.it.session.view());
        for client in &mut view.clients {
            if let Some(line) = self.lines.get(&client.id) {
                (client.bytes_up, client.bytes_down) = (line.total.up, line.total.down);
                client.bytes_entry = line.total.entry;
            }
        }
        view.seconds_left = self.seconds_left();
        let foreign = || self.foreign.clone().map(|detail| Problem::ForeignPage { detail });
        view.problem = self.problem.clone().or_else(foreign);
        if self.n_foreign > 0 {
            view.refusals.insert(FOREIGN, self.n_foreign.into());
        }
        self.it.windows.views.send_replace(Arc::new(view));
    }

    /// How long the open round may still take.
    fn seconds_left(&self) -> Option<f64> {
        let attempt = self.it.session.open_attempt()?;
        let (due, _) = self.alarms.iter().find(|it| it.1 == Alarm::Deadline { attempt })?;
        Some(due.saturating_duration_since(Instant::now()).as_secs_f64())
    }

    fn checkpoint(&self, state: &State) -> Checkpoint {
        Checkpoint {
            recipe: self.it.session.recipe().clone(),
            settings: self.it.session.settings().clone(),
            state: state.clone(),
            identity: self.it.identity.clone(),
            dataset: self.it.dataset.clone(),
        }
    }

    /// One line for whoever reads up on what happened. A journal that cannot be written is shown, and stops nothing.
    fn journal(&mut self, note: &Note) {
        let Some(store) = &self.it.store else { return };
        let millis = std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |it| it.as_millis() as u64);
        match store.note(&Dated { millis, note }) {
            Ok(()) => drop(self.problem.take_if(|it| matches!(it, Problem::Unjournaled { .. }))),
            Err(error) => self.problem = Some(Problem::Unjournaled { detail: error.to_string() }),
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Some(evaluator) = &self.it.evaluator {
            evaluator.close();
        }
    }
}

/// A line of the journal.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Note {
    /// The session begins, or goes on, after so many rounds: what an earlier run noted of later ones is void.
    Opened {
        rounds: u32,
    },
    Joined {
        client: ClientId,
        name: String,
        device: String,
        practice: bool,
    },
    Left {
        client: ClientId,
    },
    Lost {
        client: ClientId,
    },
    Refused {
        client: Option<ClientId>,
        kind: &'static str,
    },
    Ordered {
        order: Order,
    },
    Committed {
        rounds: u32,
        counted: u32,
        cohort: u32,
        n_alive_weights: u64,
    },
    Evaluated {
        rounds: u32,
        evaluation: Evaluation,
    },
    Done {
        rounds: u32,
    },
}

#[derive(Serialize)]
struct Dated<'a> {
    millis: u64,
    #[serde(flatten)]
    note: &'a Note,
}

/// Waits for a moment, for ever when there is none.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
