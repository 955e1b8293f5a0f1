//! Hosting: opens a session, serves it, shows it, and sums it up.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context, bail};
use coordinator::export::FILES;
use coordinator::host::{Coordinator, Handle, Limits, Resumed, Setup};
use coordinator::session::{Phase, Settings};
use protocol::recipe::Recipe;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::args::{Host, Resume, Stage};
use crate::dataset::Description;
use crate::evaluator::NativeEvaluator;
use crate::opening::{Dealt, Opening, Wish, ignored};
use crate::output::print;
use crate::practice::{Centre, Own};
use crate::summary::Summary;
use crate::tabs::Tabs;
use crate::terminal::Terminal;
use crate::{dataset, links, practice};

/// Where people look first; taken, the system picks another.
const DEFAULT_PORT: u16 = 7070;
/// Shards of the generated digits at least, so that people who join later get data of their own.
const MIN_DIGITS_PARTS: u32 = 8;

/// Runs a new session.
///
/// # Errors
/// When recipe, data, state folder or address cannot be used: with what to do.
pub async fn host(args: Host) -> anyhow::Result<()> {
    let is_unattended = args.data.is_none() && args.min_clients.is_none() && args.stage.tabs == 0;
    let usual = if is_unattended { 2 } else { 0 };
    let n_practice = args.practice.unwrap_or(usual);
    let min_clients = args.min_clients.unwrap_or(match (args.stage.tabs, n_practice) {
        (0, 0) => 2,
        (tabs, n_practice) => tabs + n_practice,
    });
    let default_parts = if args.data.is_some() { min_clients } else { min_clients.max(MIN_DIGITS_PARTS) };
    let wish = Wish {
        recipe: args.recipe,
        data: args.data,
        partition: args.partition,
        corrupt: args.corrupt,
        parts: args.parts.unwrap_or(default_parts),
        rounds: args.rounds,
        seed: args.seed,
    };
    let opening = Opening::new(wish)?;
    let asked = [("--min-clients", args.min_clients), ("--parts", args.parts)];
    let ignored = ignored(&opening.recipe, &asked);
    opening.warnings().iter().chain(&ignored).for_each(|it| eprintln!("warning: {it}"));
    let data_digest = opening.digest();
    let Opening { recipe, description, about, dealt: Dealt { test, parts, pooled }, rounds, max_samples, start } =
        opening;
    let settings = Settings {
        seed: args.seed,
        rounds,
        min_clients: if recipe.is_central() { 1 } else { min_clients },
        max_clients: args.max_clients,
        deadline_secs: args.deadline,
        max_samples,
        has_evaluator: true,
        data: about,
        data_digest,
    };
    let evaluator = NativeEvaluator::new(&recipe, test)?;
    let n_others = args.stage.tabs + args.min_clients.unwrap_or(0);
    let own = Own::of(&recipe, args.practice, n_others, usual);
    warn_of_watchers(&recipe, own, &args.stage);
    let listener = listen(args.stage.bind).await?;
    let coordinator = reached_through(&listener)?;
    let code = coordinator.free_code();
    let folder = args.state.unwrap_or_else(|| PathBuf::from(".pleach").join(&code));
    let handle = coordinator.open(Setup {
        recipe,
        settings,
        start,
        parts: Some(parts),
        pooled,
        evaluator: Some(Box::new(evaluator)),
        state_dir: Some(folder.clone()),
        dataset: description.to_json(),
        code: Some(code),
    })?;
    let show = Show { handle, folder, stage: args.stage, own };
    show.run(coordinator, listener).await
}

/// Goes on with a session from its last checkpoint.
///
/// # Errors
/// When the folder holds no usable checkpoint, or its data is no longer there.
pub async fn resume(args: Resume) -> anyhow::Result<()> {
    let resumed = Resumed::open(&args.state)?;
    for warning in &resumed.warnings {
        eprintln!("{warning}");
    }
    let recipe = resumed.checkpoint.recipe.clone();
    let description = Description::from_json(&resumed.checkpoint.dataset)?;
    let dataset = description.load()?;
    dataset::fits(&dataset, recipe.model())?;
    let parts = description.parts(&dataset)?;
    let pooled = (recipe.asks_centre() && !recipe.is_central()).then(|| dataset.train.clone());
    let evaluator = NativeEvaluator::new(&recipe, dataset.test)?;
    let listener = listen(args.stage.bind).await?;
    let coordinator = reached_through(&listener)?;
    let handle = coordinator.resume(resumed, Some(parts), pooled, Some(Box::new(evaluator)))?;
    let own = Own::of(&recipe, args.practice, args.stage.tabs, 0);
    warn_of_watchers(&recipe, own, &args.stage);
    let show = Show { handle, folder: args.state, stage: args.stage, own };
    show.run(coordinator, listener).await
}

/// An open session on its way to people.
struct Show {
    handle: Handle,
    folder: PathBuf,
    stage: Stage,
    own: Own,
}

impl Show {
    async fn run(self, coordinator: Coordinator, listener: TcpListener) -> anyhow::Result<()> {
        let listening = listener.local_addr()?;
        let mut terminal = Terminal::new(self.handle.views.borrow().rounds);
        self.announce(&terminal, listening);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = tokio::spawn(async move {
            // Used or dropped, it means stop.
            let stopped = async { stopped.await.unwrap_or(()) };
            coordinator.serve(listener, stopped).await;
        });
        let join_link = format!("{}/j/{}", links::local_origin(listening), self.handle.code);
        let practice = practice::start(self.own.n_practice, &join_link, self.stage.device);
        let centre = self.start_centre(&join_link);
        let stage = self.stage.clone();
        let tabs = tokio::task::spawn_blocking(move || open_tabs(&stage, &join_link)).await??;
        tokio::select! {
            () = watch(&self.handle, &mut terminal, self.stage.exit) => {}
            interrupted = interruption() => interrupted?,
        }
        terminal.end();
        let is_done = self.handle.views.borrow().phase == Phase::Done;
        let summary = Summary::of(&self.handle.views.borrow());
        drop((practice, centre, tabs));
        let _ = stop.send(());
        serving.await?;
        if is_done {
            self.export()?;
        }
        report(&summary, self.stage.json)?;
        if !is_done {
            bail!("not finished: go on with `pleach resume {}`", self.folder.display());
        }
        Ok(())
    }

    fn start_centre(&self, join_link: &str) -> Option<JoinSet<()>> {
        let token = match self.own.centre {
            Centre::Guest => return None,
            Centre::Alone => None,
            Centre::Beside => Some(self.handle.centre_token()),
        };
        Some(practice::start_centre(join_link, token, self.stage.device))
    }

    /// Leaves model, mask, metrics and charts beside the checkpoints.
    fn export(&self) -> anyhow::Result<()> {
        self.handle.leave(&self.folder)?;
        eprintln!("model, mask and metrics are in {}: {}", self.folder.display(), FILES.join(", "));
        eprintln!("charts for a report are beside them, as SVG");
        Ok(())
    }

    fn announce(&self, terminal: &Terminal, listening: SocketAddr) {
        let (code, origin, local) = (&self.handle.code, links::origin(listening), links::local_origin(listening));
        let join = format!("{origin}/j/{code}");
        if let Some(qr) = links::qr(&join) {
            terminal.say(&qr);
        }
        terminal.say(&format!("join   {join}   code {code}"));
        if local != origin {
            terminal
                .say(&format!("       {local}/j/{code}   on this machine, where browsers allow WebGPU without HTTPS"));
        }
        terminal.say(&format!("host   {local}/host/{code}#{}   keep this link to yourself", self.handle.host_secret));
        terminal.say(&format!("state  {}", self.folder.display()));
        let view = self.handle.views.borrow();
        terminal.say(&format!("{} on {}, {} rounds\n", view.recipe, view.data, view.rounds));
    }
}

/// Says that only one of the clients that were asked for will train.
fn warn_of_watchers(recipe: &Recipe, own: Own, stage: &Stage) {
    let n = own.n_practice + stage.tabs;
    if recipe.is_central() && n > 1 {
        eprintln!("warning: the recipe asks one centre: of {n} clients the first to come trains, the others watch");
    }
}

/// A coordinator that invites people to the address which their own devices reach, also on a host screen that this
/// machine opened at its own.
fn reached_through(listener: &TcpListener) -> anyhow::Result<Coordinator> {
    let public_url = Some(links::origin(listener.local_addr()?));
    Ok(Coordinator::new(Limits { public_url, ..Limits::default() }))
}

/// Ctrl-C, or what a service manager sends.
async fn interruption() -> std::io::Result<()> {
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminated.recv() => Ok(()),
    }
}

async fn listen(bind: Option<SocketAddr>) -> anyhow::Result<TcpListener> {
    if let Some(address) = bind {
        let listener = TcpListener::bind(address).await;
        return listener.with_context(|| format!("cannot listen on {address}: choose another --bind"));
    }
    let everywhere = |port| TcpListener::bind((Ipv4Addr::UNSPECIFIED, port));
    match everywhere(DEFAULT_PORT).await {
        Ok(listener) => Ok(listener),
        Err(_) => everywhere(0).await.context("cannot listen on any port"),
    }
}

/// Shows the session until it is done; afterwards it stays open for people to look at, unless asked to leave.
async fn watch(handle: &Handle, terminal: &mut Terminal, exit: bool) {
    let mut views = handle.views.clone();
    loop {
        let view = views.borrow_and_update().clone();
        terminal.show(&view);
        if view.phase == Phase::Done {
            if exit {
                return;
            }
            terminal.say("done; the host screen stays open, Ctrl-C ends");
            return std::future::pending().await;
        }
        if views.changed().await.is_err() {
            return;
        }
    }
}

fn open_tabs(stage: &Stage, join_link: &str) -> anyhow::Result<Option<Tabs>> {
    if stage.tabs == 0 {
        return Ok(None);
    }
    let device = stage.device.map_or_else(String::new, |it| format!("&device={it}"));
    let address = |n| format!("{join_link}?join=1&name=tab-{n}{device}");
    let addresses: Vec<String> = (1..=stage.tabs).map(address).collect();
    Tabs::open(&addresses).map(Some)
}

fn report(summary: &Summary, json: bool) -> anyhow::Result<()> {
    print(&format!("{}\n", if json { summary.json() } else { summary.text() }))
}
