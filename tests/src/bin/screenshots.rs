//! Photographs a real session in the middle of its training, as people see it: the host screen and a phone. The arguments are
//! a folder for the pictures and, if not `voted`, a recipe; or `states` for both screens in many a state, in each language, on
//! screens of several sizes, by day and by night.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use client_wasm::failure::{Failure, Fallback, Trouble};
use client_wasm::view::{Connection, Sent, State, View};
use coordinator::data::{Dataset, Dealing};
use coordinator::host::{Handle, Limits, Setup};
use coordinator::session::{self, Settings};
use e2e::chromium::{Chromium, Screen, Tab, Theme};
use e2e::host_variants;
use e2e::puppet::Puppet;
use e2e::stage::{Stage, until};
use e2e::variants;
use pleach::evaluator::NativeEvaluator;
use protocol::recipe::{Course, Recipe};

const DEADLINE: Duration = Duration::from_secs(240);
const NAMES: [&str; 3] = ["Ada", "Grace", "Emmy"];

/// Late enough for curves, early enough for leaves that are still to fall.
const ROUND: u32 = 5;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().context("into which folder?")?;
    let what = arguments.next().unwrap_or_else(|| "voted".into());
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    if what == "states" { states(folder).await } else { session_of(&what, folder).await }
}

/// Both screens in states that a session seldom shows.
async fn states(folder: &Path) -> Result<()> {
    let ((stage, handle), chromium) = (Stage::with_session().await?, Chromium::launch().await?);
    join_states(&chromium, &stage.join_link(&handle), folder).await?;
    host_states(&chromium, &stage.host_link(&handle), folder).await?;
    chromium.close().await
}

async fn host_states(chromium: &Chromium, link: &str, folder: &Path) -> Result<()> {
    let usual = host_variants::usual();
    let stopped = session::View { problem: host_variants::problems().into_iter().next(), ..usual.clone() };
    let lobby = session::View {
        phase: session::Phase::Lobby,
        rounds_committed: 0,
        history: vec![],
        clients: vec![],
        ..usual.clone()
    };
    let shown = [("training", &usual), ("stopped", &stopped), ("lobby", &lobby)];
    for language in ["en", "de"] {
        let puppet = Puppet::open_host(chromium, link, language).await?;
        puppet.tab.until("the screen to log in", "() => orders.length === 1", DEADLINE).await?;
        for (name, view) in shown {
            puppet.play(&host_variants::shown(view)).await?;
            for (place, screen, theme) in [
                ("projector", Screen::Projector, Theme::Light),
                ("night", Screen::Projector, Theme::Dark),
                ("laptop", Screen::Laptop, Theme::Light),
                ("phone", Screen::SmallPhone, Theme::Dark),
            ] {
                puppet.tab.paint(theme).await?;
                puppet.tab.screenshot(screen, &folder.join(format!("host-{name}-{language}-{place}.png"))).await?;
            }
        }
    }
    Ok(())
}

async fn join_states(chromium: &Chromium, link: &str, folder: &Path) -> Result<()> {
    let offline = View { connection: Connection::Offline { retry_secs: 3.0 }, ..variants::usual() };
    let of = |state| View { state, ..variants::usual() };
    let sent = Sent { bytes: 471_000, train_millis: 12_345.0 };
    let lost = Fallback {
        trouble: Trouble::Lost { detail: "0x887A0005".into() },
        device: "cpu (wasm simd)".into(),
        forgets: true,
    };
    let shown = [
        ("voted", of(State::Voted(sent))),
        ("offline", offline),
        ("recovering", of(State::Recovering(lost))),
        ("failed", of(State::Failed(Failure::Recipe { detail: "layers[3]: no such kind".into() }))),
    ];
    for language in ["en", "de"] {
        let form = Puppet::open(chromium, link, language).await?;
        form.tab.until("the form", "() => !!document.querySelector('form:not([hidden])')", DEADLINE).await?;
        photographed(&form.tab, folder, &format!("form-{language}")).await?;
        let puppet = Puppet::open(chromium, &format!("{link}?join=1"), language).await?;
        puppet.tab.until("the page to join", "() => !!globalThis.puppet", DEADLINE).await?;
        for (name, view) in &shown {
            puppet.show(view).await?;
            photographed(&puppet.tab, folder, &format!("{name}-{language}")).await?;
        }
    }
    Ok(())
}

async fn photographed(tab: &Tab, folder: &Path, name: &str) -> Result<()> {
    for (place, screen, theme) in [
        ("phone", Screen::SmallPhone, Theme::Light),
        ("night", Screen::SmallPhone, Theme::Dark),
        ("laptop", Screen::Laptop, Theme::Light),
    ] {
        tab.paint(theme).await?;
        tab.screenshot(screen, &folder.join(format!("{name}-{place}.png"))).await?;
    }
    Ok(())
}

/// A real session in the middle of its training.
async fn session_of(recipe: &str, folder: &Path) -> Result<()> {
    let recipe = pleach::recipes::load(recipe)?;
    let public_url = Some("http://192.168.1.20:7070".into());
    let stage = Stage::within(Limits { public_url, ..Limits::default() }).await;
    let asks = recipe.stages().iter().filter_map(|it| it.mask.as_ref()).any(|it| it.decider.asks_voters());
    let handle = hosted(&stage, recipe)?;
    let chromium = Chromium::launch().await?;
    let screen = chromium.open(&stage.host_link(&handle)).await?;
    screen.resize(Screen::Projector).await?;
    let mut tabs = vec![];
    for name in NAMES {
        let tab = chromium.open(&format!("{}?join=1&name={name}", stage.join_link(&handle))).await?;
        tab.resize(Screen::Phone).await?;
        tabs.push(tab);
    }
    until(&handle, "some rounds", DEADLINE, |it| it.rounds_committed >= ROUND).await?;
    let phone = folder.join("join.png");
    let tab = if asks { voting(&tabs).await? } else { &tabs[0] };
    tab.screenshot(Screen::Phone, &phone).await?;
    let is_telling = |it: &session::View| it.rounds_committed > ROUND && it.counted > 0 && it.counted < it.cohort;
    until(&handle, "a round of which some are done", DEADLINE, is_telling).await?;
    let charts = format!(
        "() => [...document.querySelectorAll('line-chart')].every(it => it.querySelectorAll('path.line').length >= 2) \
        && document.body.dataset.round > {ROUND}"
    );
    screen.until("the charts", &charts, DEADLINE).await?;
    screen.screenshot(Screen::Projector, &folder.join("host.png")).await?;
    for tab in tabs.iter().chain([&screen]) {
        ensure!(tab.errors().is_empty(), "something went wrong on a page: {:?}", tab.errors());
    }
    chromium.close().await
}

/// Three clients with unlike amounts of data, so that some wait for others.
fn hosted(stage: &Stage, recipe: Recipe) -> Result<Handle> {
    let dataset = Dataset::digits(24_000, 2_000, 1);
    let settings = Settings {
        seed: 1,
        rounds: Course::whole(&recipe).total(),
        min_clients: NAMES.len() as u32,
        max_clients: 100,
        deadline_secs: 60,
        max_samples: 1_000_000,
        has_evaluator: true,
        data: dataset.about.clone(),
        data_digest: 0,
    };
    let partition = "dirichlet:1".parse().map_err(|it| anyhow::anyhow!("{it}"))?;
    let parts = dataset.parts(&Dealing { partition, ..Dealing::iid(NAMES.len() as u32, 1) })?;
    let evaluator = NativeEvaluator::new(&recipe, dataset.test)?;
    let setup = Setup {
        pooled: None,
        recipe,
        settings,
        parts: Some(parts),
        evaluator: Some(Box::new(evaluator)),
        state_dir: None,
        dataset: String::new(),
        code: Some("K7QX2M".into()),
        start: None,
    };
    Ok(stage.coordinator.open(setup)?)
}

/// The first tab that has voted and waits for the others.
async fn voting(tabs: &[Tab]) -> Result<&Tab> {
    let start = std::time::Instant::now();
    loop {
        for tab in tabs {
            if tab.eval("() => document.body.dataset.state").await? == "voted" {
                return Ok(tab);
            }
        }
        ensure!(start.elapsed() < DEADLINE, "no tab was seen waiting with its vote");
    }
}
