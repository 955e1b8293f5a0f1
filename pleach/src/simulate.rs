//! The simulator: a whole session in this process, through the same two hearts and the same trainer as over sockets.
//!
//! ```text
//! coordinator's heart ──plan──▶ client's heart ──assignment──▶ a thread with room: adopts the shard, trains
//!         ▲                                                          │
//!         └──────────────── contribution ◀── client's heart ◀────────┘
//! ```
//! A plan is handed to a client's heart only when a thread has room for it, and a contribution is let go of as soon as it is
//! counted: what is held at once is bounded by threads, not by clients. Sums do not depend on the order of arrival, so that
//! the result does not depend on threads.

mod crew;
mod run_dir;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context, bail};
use client_wasm::session as client;
use coordinator::session::{
    CENTRE, ClientId, Commit, Effect, Event, Introduction, Meter, Order, RoundRecord, Session, Settings, State, View,
};
use coordinator::store::Reason;
use indicatif::ProgressBar;
use protocol::data::shard::Shard;
use protocol::recipe::Recipe;
use protocol::wire::{self, Down, Plan, Up, Welcome};

use crate::args::{self, Simulate};
use crate::opening::{Dealt, Opening, Wish, ignored};
use crate::output::print;
use crate::summary::Summary;
use crate::{terminal, words};
use crew::{Crew, Done, Job};
use run_dir::RunDir;

/// Runs what a person asked for and prints the summary.
///
/// # Errors
/// When recipe, data or folder cannot be used, a client's training fails, or the run is stopped before its end.
pub fn command(args: Simulate) -> anyhow::Result<()> {
    let opening = Opening::new(Wish {
        recipe: args.recipe,
        data: args.data,
        partition: args.partition,
        corrupt: args.corrupt,
        parts: args.clients.unwrap_or(args::CLIENTS),
        rounds: args.rounds,
        seed: args.seed,
    })?;
    let ignored = ignored(&opening.recipe, &[("--clients", args.clients)]);
    opening.warnings().iter().chain(&ignored).for_each(|it| eprintln!("warning: {it}"));
    let threads = args.threads.map_or_else(cores, |it| it as usize);
    let simulation = Simulation::new(opening, args.seed, args.out.as_deref())?;
    let view = simulation.run(threads, &interrupted())?;
    let summary = Summary::of(&view);
    print(&format!("{}\n", if args.json { summary.json() } else { summary.text() }))?;
    if !view.done {
        let advice =
            args.out.map_or_else(String::new, |it| format!(": the same command with --out {} goes on", it.display()));
        bail!("stopped after {} of {} rounds{advice}", view.rounds_committed, view.rounds);
    }
    Ok(())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A flag that Ctrl-C raises: the open round is finished, then the run stops.
fn interrupted() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        let raised = flag.clone();
        runtime.spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                raised.store(true, Ordering::Relaxed);
            }
        });
    }
    flag
}

/// A session with virtual clients.
pub struct Simulation {
    session: Session,
    /// The data of every client, by number.
    shards: BTreeMap<ClientId, Arc<Shard>>,
    test: Shard,
    dir: Option<RunDir>,
}

/// A simulation under way.
struct Loop<'a> {
    session: Session,
    hearts: BTreeMap<ClientId, client::Session>,
    crew: Crew<'a>,
    /// Plans that wait for a thread with room.
    waiting: VecDeque<(ClientId, Arc<Plan>)>,
    /// States that wait to be measured.
    unmeasured: VecDeque<Arc<State>>,
    effects: VecDeque<Effect>,
    dir: Option<&'a RunDir>,
    unsaved: u32,
    saved_at: Instant,
    metered_at: Instant,
    bar: ProgressBar,
    is_done: bool,
}

impl Simulation {
    /// Prepares a run; `out` keeps it, and a run that was stopped there goes on.
    ///
    /// # Errors
    /// When the folder cannot be used, or holds another run.
    pub fn new(opening: Opening, seed: u64, out: Option<&std::path::Path>) -> anyhow::Result<Self> {
        let digest = opening.digest();
        let Opening { recipe, description, about, dealt: Dealt { test, parts, pooled }, rounds, max_samples, start } =
            opening;
        let n_clients = parts.len() as u32;
        let settings = Settings {
            seed,
            rounds,
            min_clients: n_clients,
            max_clients: n_clients,
            deadline_secs: u32::MAX,
            max_samples,
            has_evaluator: true,
            data: about,
            data_digest: digest,
        };
        let mut shards: BTreeMap<ClientId, Arc<Shard>> = (0..).zip(parts.into_iter().map(Arc::new)).collect();
        if let Some(pooled) = pooled {
            shards.insert(CENTRE, Arc::new(pooled));
        }
        let dir = out.map(|it| RunDir::open(it, &recipe, &settings, &description, digest)).transpose()?;
        let begun = dir.as_ref().and_then(RunDir::begun);
        let session = match (begun, start) {
            (Some((state, history)), _) => Session::resumed(recipe, settings, state, history),
            (None, Some(start)) => Session::resumed(recipe, settings, start, vec![]),
            (None, None) => Session::new(recipe, settings),
        };
        Ok(Self { session, shards, test, dir })
    }

    /// Runs to the end, or until the flag is raised; gives how the session stands then.
    ///
    /// # Errors
    /// When a client's training fails, or the folder cannot be written.
    pub fn run(self, threads: usize, stop: &AtomicBool) -> anyhow::Result<View> {
        let Self { session, shards, test, dir } = self;
        let recipe = session.recipe().clone();
        std::thread::scope(|scope| {
            let rounds = session.state().rounds_committed();
            let memories = dir.as_ref().map(|it| it.kept(rounds)).unwrap_or_default();
            let crew = Crew::start(scope, threads, &recipe, &shards, &test, memories);
            let bar = bar(&session);
            let mut it = Loop {
                hearts: BTreeMap::new(),
                crew,
                waiting: VecDeque::new(),
                unmeasured: VecDeque::new(),
                effects: VecDeque::new(),
                dir: dir.as_ref(),
                unsaved: 0,
                saved_at: Instant::now(),
                metered_at: Instant::now(),
                bar,
                session,
                is_done: false,
            };
            it.enter(&recipe, &shards)?;
            it.go(stop)?;
            it.end()
        })
    }
}

fn bar(session: &Session) -> ProgressBar {
    let bar = terminal::bar(session.rounds(), "  {eta} left");
    bar.set_position(session.state().rounds_committed().into());
    bar.reset_eta();
    bar
}

impl Loop<'_> {
    /// All clients join, and have their welcome and their data.
    fn enter(&mut self, recipe: &Recipe, shards: &BTreeMap<ClientId, Arc<Shard>>) -> anyhow::Result<()> {
        let task = recipe.task();
        for (id, shard) in shards {
            let mut heart = client::Session::new(client::Identity::default());
            let welcome = Welcome {
                client: *id,
                token: [0; 16],
                task: task.clone(),
                data: String::new(),
                rounds: self.session.rounds(),
                shard_bytes: 0,
            };
            heart.step(client::Event::Started);
            heart.step(client::Event::Opened);
            heart.step(client::Event::Received(Down::Welcome(Box::new(welcome))));
            // The thread that trains has the data: the heart looks at it and lets go.
            let told = heart.step(client::Event::Received(Down::Shard((**shard).clone())));
            failure(&told).map_or(Ok(()), |it| Err(anyhow::anyhow!("client {id}: {it}")))?;
            self.hearts.insert(*id, heart);
        }
        for id in shards.keys() {
            let name = format!("client {}", id.wrapping_add(1));
            let introduction = Introduction { name, device: "simulated".into(), tier: 16, ..Introduction::default() };
            let effects = self.session.step(Event::Joined(*id, introduction));
            self.effects.extend(effects);
        }
        if self.session.is_over() {
            let effects = self.session.step(Event::Ordered(Order::Start));
            self.effects.extend(effects);
        }
        Ok(())
    }

    fn go(&mut self, stop: &AtomicBool) -> anyhow::Result<()> {
        loop {
            while let Some(effect) = self.effects.pop_front() {
                self.perform(effect)?;
            }
            if stop.load(Ordering::Relaxed) && !self.session.view().is_paused {
                self.bar.set_message("stopping after this round");
                let effects = self.session.step(Event::Ordered(Order::Pause));
                self.effects.extend(effects);
            }
            self.hand_out()?;
            if self.is_done || self.crew.is_idle() {
                return Ok(());
            }
            self.take_in()?;
        }
    }

    /// Gives threads something to do: measuring first, since a session waits for its last measurement.
    fn hand_out(&mut self) -> anyhow::Result<()> {
        while self.crew.has_room() {
            if let Some(state) = self.unmeasured.pop_front() {
                self.crew.give(Job::Measure(state));
            } else if let Some((id, plan)) = self.waiting.pop_front() {
                let heart = self.hearts.get_mut(&id).context("a plan is for somebody who joined")?;
                for effect in heart.step(client::Event::Received(Down::Plan((*plan).clone()))) {
                    if let client::Effect::Work(assignment) = effect {
                        self.crew.give(Job::Train(id, assignment));
                    } else {
                        fail(id, &[effect])?;
                    }
                }
            } else {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Waits for a thread and takes what it has done.
    fn take_in(&mut self) -> anyhow::Result<()> {
        let effects = match self.crew.take()? {
            Done::Measured(rounds, evaluation) => {
                self.dir.map_or(Ok(()), |it| it.note_evaluation(rounds, evaluation))?;
                self.session.step(Event::Evaluated(rounds, evaluation))
            }
            Done::Trained(id, contribution) => {
                let heart = self.hearts.get_mut(&id).context("a contribution is somebody's who joined")?;
                let mut sent = None;
                for effect in heart.step(client::Event::Worked(contribution)) {
                    if let client::Effect::Send(Up::Contribution(it)) = effect {
                        sent = Some(it);
                    } else {
                        fail(id, &[effect])?;
                    }
                }
                // What is delivered here is counted here: nobody will ask for it again.
                heart.forget_finished();
                let contribution = sent.with_context(|| format!("client {id} has nothing to say"))?;
                let bytes = wire::contribution_len(&contribution);
                self.meter(Meter { up: bytes, ..Meter::default() });
                self.session.step(Event::Contributed(id, contribution, bytes))
            }
        };
        self.effects.extend(effects);
        Ok(())
    }

    fn perform(&mut self, effect: Effect) -> anyhow::Result<()> {
        match effect {
            Effect::Plan(clients, plan, _) => {
                let bytes = wire::plan_len(&plan) * clients.len() as u64;
                self.meter(Meter { down: bytes, plans: bytes, ..Meter::default() });
                self.waiting.extend(clients.into_iter().map(|it| (it, plan.clone())));
            }
            Effect::Refuse(id, refusal) => bail!("client {id} was refused: {refusal}"),
            Effect::Commit(commit) => self.commit(commit)?,
            Effect::Evaluate(state) => self.unmeasured.push_back(state),
            Effect::Finish(_) => self.is_done = true,
            // Nobody is late here, and nobody has to be told why there is nothing to do.
            Effect::Standby(..) | Effect::Wake(..) => {}
        }
        Ok(())
    }

    fn meter(&mut self, meter: Meter) {
        let elapsed = self.metered_at.elapsed();
        self.metered_at += elapsed;
        self.session.step(Event::Metered(Meter { micros: elapsed.as_micros() as u64, ..meter }));
    }

    fn commit(&mut self, Commit { state, record, is_event }: Commit) -> anyhow::Result<()> {
        self.show(&record);
        let Some(dir) = self.dir else { return Ok(()) };
        dir.note(&record)?;
        self.unsaved += 1;
        let policy = self.session.recipe().checkpoints();
        let is_late = policy.seconds.is_some_and(|it| self.saved_at.elapsed().as_secs_f64() >= it);
        if is_event || is_late || self.unsaved >= policy.rounds {
            dir.save(&state, if is_event { Reason::MaskEvent } else { Reason::Due })?;
            (self.unsaved, self.saved_at) = (0, Instant::now());
        }
        Ok(())
    }

    fn show(&self, record: &RoundRecord) {
        self.bar.set_length(self.session.rounds().into());
        self.bar.set_position(u64::from(record.round) + 1);
        self.bar.set_message(format!("loss {:.4}  {:.1} % alive", record.loss, 100.0 * record.density));
    }

    /// Keeps what the run came to.
    fn end(self) -> anyhow::Result<View> {
        self.bar.finish_and_clear();
        let view = self.session.view();
        if let Some(dir) = self.dir {
            dir.save(self.session.state(), Reason::Due)?;
            let memories = if view.done { BTreeMap::new() } else { self.crew.memories() };
            dir.keep(self.session.state().rounds_committed(), &memories)?;
            dir.export(self.session.recipe(), self.session.state(), &view)?;
        }
        Ok(view)
    }
}

/// Why a client cannot go on, if one of these effects says so.
fn failure(effects: &[client::Effect]) -> Option<String> {
    effects.iter().find_map(|it| {
        let client::Effect::Finish(Err(failure)) = it else { return None };
        Some(words::failure(failure))
    })
}

fn fail(id: ClientId, effects: &[client::Effect]) -> anyhow::Result<()> {
    failure(effects).map_or(Ok(()), |it| bail!("client {id}: {it}"))
}
