//! Hosting: opens a session, serves it, shows it, and sums it up.

use std::path::PathBuf;

use anyhow::bail;
use coordinator::host::{Coordinator, Handle, Resumed, Setup};
use coordinator::reach::Reach;
use coordinator::session::Settings;
use coordinator::tls::Tls;
use protocol::recipe::Recipe;
use tokio::net::TcpListener;

use crate::args::{Host, Resume, Stage};
use crate::dataset::{self, Description};
use crate::evaluator::NativeEvaluator;
use crate::kept::Hosting;
use crate::listening::{USUAL_FOLDER, brought, listen, listen_again, own_certificate, reach, reached_by};
use crate::opening::{Dealt, Opening, Wish, ignored};
use crate::practice::Own;
use crate::show::Show;
use crate::tabs::Tabs;

/// Shards of the generated digits at least, so that people who join later get data of their own.
const MIN_DIGITS_PARTS: u32 = 8;

/// Runs a new session.
///
/// # Errors
/// When recipe, data, state folder or address cannot be used: with what to do.
pub async fn host(args: Host) -> anyhow::Result<()> {
    let n_tabs = args.stage.tabs.unwrap_or(0);
    let is_unattended = args.data.is_none() && args.min_clients.is_none() && n_tabs == 0;
    let usual = if is_unattended { 2 } else { 0 };
    let n_practice = args.practice.unwrap_or(usual);
    let min_clients = args.min_clients.unwrap_or(match (n_tabs, n_practice) {
        (0, 0) => 2,
        (tabs, n_practice) => tabs + n_practice,
    });
    // What cannot work is said before a folder is made for it.
    let place = Place::new(&args.stage)?;
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
    let min_clients = if opening.recipe.is_central() { 1 } else { min_clients };
    if args.max_clients < min_clients {
        bail!("it takes {min_clients} clients to start, and --max-clients {} lets fewer in", args.max_clients);
    }
    let data_digest = opening.digest();
    let Opening { recipe, description, about, dealt: Dealt { test, parts, pooled }, rounds, max_samples, start } =
        opening;
    let settings = Settings {
        seed: args.seed,
        rounds,
        min_clients,
        max_clients: args.max_clients,
        deadline_secs: args.deadline,
        max_samples,
        has_evaluator: true,
        data: about,
        data_digest,
    };
    let evaluator = NativeEvaluator::new(&recipe, test)?;
    let own = Own::of(&recipe, args.practice, n_tabs + args.min_clients.unwrap_or(0), usual);
    warn_of_watchers(&recipe, own, n_tabs);
    let door = place.open(listen(args.stage.bind)?, &args.stage)?;
    let code = door.coordinator.free_code();
    let folder = args.state.unwrap_or_else(|| PathBuf::from(USUAL_FOLDER).join(&code));
    let handle = door.coordinator.open(Setup {
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
    let practice = args.practice.or((usual > 0 && own.n_practice == usual).then_some(usual));
    door.show(handle, folder, args.stage, own, practice).await
}

/// Goes on with a session from its last checkpoint.
///
/// # Errors
/// When the folder holds no usable checkpoint, or its data is no longer there.
pub async fn resume(args: Resume) -> anyhow::Result<()> {
    let resumed = Resumed::open(&args.state)?;
    let (kept, lost) = Hosting::read(&args.state);
    for warning in resumed.warnings.iter().chain(&lost) {
        eprintln!("{warning}");
    }
    if lost.is_some() && args.stage.bind.is_none() {
        bail!("where the session listened is lost: say it with --bind, for example 127.0.0.1:7070 or 0.0.0.0:7070");
    }
    let stage = kept.under(args.stage);
    let (practice, n_tabs) = (args.practice.or(kept.practice), stage.tabs.unwrap_or(0));
    let place = Place::new(&stage)?;
    let recipe = resumed.checkpoint.recipe.clone();
    let description = Description::from_json(&resumed.checkpoint.dataset)?;
    let dataset = description.load()?;
    dataset::fits(&dataset, recipe.model())?;
    let parts = description.parts(&dataset)?;
    let pooled = (recipe.asks_centre() && !recipe.is_central()).then(|| dataset.train.clone());
    let evaluator = NativeEvaluator::new(&recipe, dataset.test)?;
    let listener = match (stage.bind, kept.bind) {
        (None, Some(before)) => listen_again(before)?,
        (bind, _) => listen(bind)?,
    };
    let door = place.open(listener, &stage)?;
    let handle = door.coordinator.resume(resumed, Some(parts), pooled, Some(Box::new(evaluator)))?;
    let own = Own::of(&recipe, practice, n_tabs, 0);
    warn_of_watchers(&recipe, own, n_tabs);
    door.show(handle, args.state, stage, own, practice).await
}

/// What a session needs beside its data, looked at before anything is made.
struct Place {
    brought: Option<Tls>,
}

impl Place {
    fn new(stage: &Stage) -> anyhow::Result<Self> {
        if stage.tabs.is_some_and(|it| it > 0) {
            Tabs::browser()?;
        }
        Ok(Self { brought: brought(stage)? })
    }

    fn open(self, listener: TcpListener, stage: &Stage) -> anyhow::Result<Door> {
        let reach = reach(&listener, stage)?;
        Ok(Door { coordinator: reached_by(&reach, stage), listener, reach, brought: self.brought })
    }
}

/// Where people will arrive.
struct Door {
    coordinator: Coordinator,
    listener: TcpListener,
    reach: Reach,
    brought: Option<Tls>,
}

impl Door {
    /// Serves a session that is open, so that its folder is ours; there it is written down how.
    async fn show(
        self,
        handle: Handle,
        folder: PathBuf,
        stage: Stage,
        own: Own,
        practice: Option<u32>,
    ) -> anyhow::Result<()> {
        let Self { coordinator, listener, reach, brought } = self;
        Hosting::of(&stage, practice, listener.local_addr()?).write(&folder)?;
        let tls = brought.map_or_else(|| own_certificate(&folder, &reach), Ok)?;
        let show = Show { handle, folder, stage, own, reach, tls };
        show.run(coordinator, listener).await
    }
}

/// Says that only one of the clients that were asked for will train.
fn warn_of_watchers(recipe: &Recipe, own: Own, n_tabs: u32) {
    let n = own.n_practice + n_tabs;
    if recipe.is_central() && n > 1 {
        eprintln!("warning: the recipe asks one centre: of {n} clients the first to come trains, the others watch");
    }
}
