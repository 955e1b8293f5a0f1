//! The coordinator itself: several sessions in one process, each in a room of its own, known by its code.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use protocol::data::shard::Shard;
use protocol::recipe::Recipe;
use protocol::wire::{Done, Down, Hello, Refusal};
use tokio::sync::{mpsc, oneshot, watch};

use crate::error::Error;
use crate::outbox::framed;
use crate::reach::Reach;
use crate::room::{CALLS_LIMIT, Call, Evaluator, Furniture, Room, Said, Seat, Seated, Windows};
use crate::secret;
use crate::session::{CENTRE, Order, RoundRecord, Session, Settings, State, View};
use crate::store::{Checkpoint, Identity, Loaded, Reason, Store};
use crate::traffic::Traffic;
use crate::waiting::Waiting;

/// What a coordinator bears at most, and where it is reached.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Sockets open at once; further ones wait in the system's queue.
    pub connections: usize,
    /// Bytes that the system buffers for a client that does not read: 64 KiB suit a LAN, 256 KiB the internet.
    pub send_buffer: usize,
    /// `scheme://host:port` under which clients reach it, when that is not what they connect to (a proxy with TLS).
    pub public_url: Option<String>,
    /// Names by which it may be asked, beside the one in `public_url`; by an IP address or as localhost it always may.
    pub names: Vec<String>,
    /// All addresses that host screens show.
    pub reach: Reach,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 4096, send_buffer: 64 * 1024, public_url: None, names: vec![], reach: Reach::default() }
    }
}

/// Sessions by code. Clones are the same coordinator.
#[derive(Clone, Debug)]
pub struct Coordinator {
    pub(crate) limits: Arc<Limits>,
    sessions: Arc<RwLock<BTreeMap<String, Handle>>>,
}

/// A session to open.
pub struct Setup {
    /// What to run.
    pub recipe: Recipe,
    /// What the host chose beside it. Whether there is an evaluator follows from `evaluator`.
    pub settings: Settings,
    /// Where it starts; `None` at w0 of its seed, with everyone alive.
    pub start: Option<State>,
    /// The host's data; `None` when clients bring their own.
    pub parts: Option<Vec<Shard>>,
    /// All of the host's data together, for a recipe that asks a centre.
    pub pooled: Option<Shard>,
    /// Measures committed models; `None` leaves that to clients' held-out parts.
    pub evaluator: Option<Box<dyn Evaluator>>,
    /// Where checkpoints go; `None` keeps nothing.
    pub state_dir: Option<PathBuf>,
    /// Written down for [`Resumed`], to find the data again.
    pub dataset: String,
    /// The join code; `None` draws one.
    pub code: Option<String>,
}

/// A session read from its state directory, which stays locked for it.
#[derive(Debug)]
pub struct Resumed {
    /// Where it stands; recipe, settings and `dataset` say what to give [`Coordinator::resume`].
    pub checkpoint: Checkpoint,
    /// A sentence for every checkpoint that could not be trusted.
    pub warnings: Vec<String>,
    /// What is known of the rounds that led there.
    pub history: Vec<Arc<RoundRecord>>,
    store: Store,
}

/// A session to admit, new or gone on with.
struct Begun {
    checkpoint: Checkpoint,
    history: Vec<Arc<RoundRecord>>,
    store: Option<Store>,
}

impl Resumed {
    /// Reads a state directory.
    ///
    /// # Errors
    /// When it is in use, holds no session, or none of its checkpoints can be trusted.
    pub fn open(dir: &std::path::Path) -> Result<Self, Error> {
        if !dir.is_dir() {
            return Err(Error::Setup(format!("{} is no directory: nothing to resume", dir.display())));
        }
        let nothing = || Error::Setup(format!("{} holds no checkpoint: nothing to resume", dir.display()));
        let store = Store::existing(dir)?.ok_or_else(nothing)?;
        let Loaded { checkpoint, history, warnings } = store.load()?.ok_or_else(nothing)?;
        Ok(Self { checkpoint, warnings, history, store })
    }
}

/// An open session, for the command and the server.
#[derive(Clone, Debug)]
pub struct Handle {
    /// The join code.
    pub code: String,
    /// Proves that a host screen is the host's. Goes into the fragment of its link, which browsers do not send.
    pub host_secret: String,
    /// What to show; changes at most ten times a second.
    pub views: watch::Receiver<Arc<View>>,
    /// The state after the last commit.
    pub committed: watch::Receiver<Arc<State>>,
    pub(crate) recipe: Arc<Recipe>,
    calls: mpsc::Sender<Call>,
    done: watch::Receiver<Option<Done>>,
}

impl Coordinator {
    /// No sessions yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits: Arc::new(limits), sessions: Arc::default() }
    }

    /// Opens a new session. Needs a running tokio runtime.
    ///
    /// # Errors
    /// When the data does not fit the model, or the state directory cannot be used or holds a session already.
    pub fn open(&self, setup: Setup) -> Result<Handle, Error> {
        let Setup { recipe, settings, start, parts, pooled, evaluator, state_dir, dataset, code } = setup;
        let settings = Settings { has_evaluator: evaluator.is_some(), ..settings };
        let code = code.map_or_else(|| self.free_code(), |it| secret::read_code(&it));
        let identity = Identity { code, host_secret: secret::fresh_secret(), n_clients: 0 };
        let state = start.unwrap_or_else(|| State::new(&recipe, settings.seed));
        let checkpoint = Checkpoint { recipe, settings, state, identity, dataset };
        let store = state_dir.map(|it| Store::open(&it)).transpose()?;
        if let Some(store) = &store {
            if store.is_occupied()? {
                return Err(Error::Occupied { dir: store.dir().into() });
            }
            // So that a crash before the first commit can be resumed too.
            store.save(&checkpoint, Reason::Due)?;
        }
        self.admit(Begun { checkpoint, history: vec![], store }, parts, pooled, evaluator)
    }

    /// Goes on with a session, exactly where its last commit left it. Needs a running tokio runtime.
    ///
    /// # Errors
    /// When the data does not fit the model.
    pub fn resume(
        &self,
        resumed: Resumed,
        parts: Option<Vec<Shard>>,
        pooled: Option<Shard>,
        evaluator: Option<Box<dyn Evaluator>>,
    ) -> Result<Handle, Error> {
        let Resumed { mut checkpoint, store, history, warnings: _ } = resumed;
        checkpoint.settings.has_evaluator = evaluator.is_some();
        self.admit(Begun { checkpoint, history, store: Some(store) }, parts, pooled, evaluator)
    }

    /// The session of a code, as typed.
    pub fn session(&self, code: &str) -> Option<Handle> {
        let sessions = self.sessions.read().unwrap_or_else(PoisonError::into_inner);
        sessions.get(&secret::read_code(code)).cloned()
    }

    fn admit(
        &self,
        begun: Begun,
        parts: Option<Vec<Shard>>,
        pooled: Option<Shard>,
        evaluator: Option<Box<dyn Evaluator>>,
    ) -> Result<Handle, Error> {
        let Begun { checkpoint, history, store } = begun;
        let Checkpoint { recipe, settings, state, identity, dataset } = checkpoint;
        let asks_centre = recipe.asks_centre();
        // Where nobody but the centre is asked, the parts are one, and that is all data.
        let is_pooled = pooled.is_some() || recipe.is_central();
        if asks_centre && (parts.is_none() || !is_pooled) {
            return Err(Error::Setup("the recipe asks a centre, which needs the host's data".into()));
        }
        let pooled = encoded(&recipe, pooled.filter(|_| asks_centre).into_iter().collect())?.pop();
        let parts = parts.map_or(Ok(vec![]), |it| encoded(&recipe, it))?;
        let code = identity.code.clone();
        let mut sessions = self.sessions.write().unwrap_or_else(PoisonError::into_inner);
        if code.is_empty() || sessions.contains_key(&code) {
            return Err(Error::Setup(format!(
                "there is already a session with the code `{code}`, or it has no letters"
            )));
        }
        let session = Session::resumed(recipe.clone(), settings, state.clone(), history);
        let views = watch::Sender::new(Arc::new(session.view()));
        let windows = Windows { views, committed: watch::Sender::new(Arc::new(state)), done: watch::Sender::new(None) };
        let (calls, received) = mpsc::channel(CALLS_LIMIT);
        let handle = Handle {
            code: code.clone(),
            host_secret: identity.host_secret.clone(),
            views: windows.views.subscribe(),
            committed: windows.committed.subscribe(),
            recipe: Arc::new(recipe),
            calls: calls.clone(),
            done: windows.done.subscribe(),
        };
        let evaluator = evaluator.map(|it| seated(it, calls.downgrade()));
        let store = store.map(Arc::new);
        let furniture = Furniture { session, identity, dataset, parts, pooled, store, evaluator, windows };
        tokio::spawn(Room::new(furniture, received).run());
        sessions.insert(code, handle.clone());
        Ok(handle)
    }

    /// A code that no session has.
    pub fn free_code(&self) -> String {
        let sessions = self.sessions.read().unwrap_or_else(PoisonError::into_inner);
        loop {
            let code = secret::fresh_code();
            if !sessions.contains_key(&code) {
                return code;
            }
        }
    }
}

impl Handle {
    /// Gives an order; nothing happens when the session is over.
    pub async fn order(&self, order: Order) {
        // A closed room is past all orders.
        let _ = self.calls.send(Call::Ordered(order)).await;
    }

    /// Waits for the end of the session; `None` when it was closed before.
    pub async fn finished(&self) -> Option<Done> {
        self.done.clone().wait_for(Option::is_some).await.ok().and_then(|it| *it)
    }

    /// Proves that a client is the host's own centre.
    pub fn centre_token(&self) -> [u8; 16] {
        secret::client_token(&self.host_secret, CENTRE)
    }

    /// The session as it stands now, as a file of this name (one of [`crate::export::FILES`]).
    pub fn export(&self, name: &str) -> Option<Vec<u8>> {
        let view = self.views.borrow().clone();
        let state = self.committed.borrow().clone();
        crate::export::export(name, &self.recipe, &state, &view)
    }

    /// Leaves the session as it stands now in a folder ([`crate::export::leave`]).
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn leave(&self, dir: &std::path::Path) -> Result<(), Error> {
        let (view, state) = (self.views.borrow().clone(), self.committed.borrow().clone());
        crate::export::leave(dir, &self.recipe, &state, &view)
    }

    /// Takes a seat for a client that said hello.
    pub(crate) async fn join(&self, hello: Hello, traffic: Arc<Traffic>) -> Result<Seat, Refusal> {
        let (reply, answer) = oneshot::channel();
        self.calls.send(Call::Join(hello, traffic, reply)).await.map_err(|_| Refusal::UnknownSession)?;
        answer.await.unwrap_or(Err(Refusal::UnknownSession))
    }

    pub(crate) async fn say(&self, seated: Seated, said: Said) {
        // A closed room listens no more.
        let _ = self.calls.send(Call::Said(seated, said)).await;
    }

    /// A page of another origin was refused at the door.
    pub(crate) async fn turn_page_away(&self, origin: String) {
        // A closed room counts no more.
        let _ = self.calls.send(Call::Foreign(origin)).await;
    }

    pub(crate) async fn turn_away(&self, refusal: Refusal) {
        // A closed room counts no more.
        let _ = self.calls.send(Call::Turned(refusal)).await;
    }
}

/// What an evaluator leaves in order when it goes, be it in a panic: nothing waits for it, and the room knows.
struct EvaluatorSeat {
    states: Waiting,
    calls: mpsc::WeakSender<Call>,
}

impl Drop for EvaluatorSeat {
    fn drop(&mut self) {
        self.states.close();
        if std::thread::panicking()
            && let Some(calls) = self.calls.upgrade()
        {
            // A room that is closed does not need to know.
            let _ = calls.blocking_send(Call::EvaluatorGone);
        }
    }
}

/// Shards as they will be sent, each encoded once.
fn encoded(recipe: &Recipe, parts: Vec<Shard>) -> Result<Vec<(u64, crate::outbox::Frames)>, Error> {
    let model = recipe.model();
    let encode = |(at, shard): (usize, Shard)| match shard.problem(model.sample_len(), model.n_classes()) {
        Some(problem) => Err(Error::Setup(format!("part {} of the data: {problem}", at + 1))),
        None => Ok((shard.digest(), framed(&Down::Shard(shard)))),
    };
    parts.into_iter().enumerate().map(encode).collect()
}

/// An evaluator on its own thread, which ends with its room.
fn seated(mut evaluator: Box<dyn Evaluator>, calls: mpsc::WeakSender<Call>) -> Waiting {
    let waiting = Waiting::default();
    let seat = EvaluatorSeat { states: waiting.clone(), calls };
    let work = move || {
        while let Some(state) = seat.states.next() {
            let evaluation = evaluator.evaluate(&state);
            let Some(calls) = seat.calls.upgrade() else { break };
            if calls.blocking_send(Call::Evaluated(state.rounds_committed(), evaluation)).is_err() {
                break;
            }
        }
    };
    std::thread::Builder::new().name("evaluator".into()).spawn(work).expect("the system has room for a thread");
    waiting
}
