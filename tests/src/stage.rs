//! A stage: the real coordinator on a loopback socket and real native clients, in one process.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use client_wasm::native::{self, Options};
use coordinator::Evaluator;
use coordinator::data::{Dataset, Dealing};
use coordinator::found::Found;
use coordinator::host::{Coordinator, Handle, Limits, Setup};
use coordinator::session::{Settings, View};
use engine::devices::DeviceKind;
use pleach::evaluator::NativeEvaluator;
use pleach::opening::{Dealt, Opening};
use protocol::recipe::Recipe;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// A coordinator that serves on a port the system picked, until dropped.
#[derive(Debug)]
pub struct Stage {
    /// Opens sessions.
    pub coordinator: Coordinator,
    /// Where it listens.
    pub address: SocketAddr,
    _serving: JoinSet<()>,
}

impl Stage {
    /// Starts one.
    pub async fn open() -> Self {
        Self::within(Limits::default()).await
    }

    /// Starts one with these limits.
    pub async fn within(limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has ports");
        let address = listener.local_addr().expect("it is bound");
        let coordinator = Coordinator::new(limits);
        let mut serving = JoinSet::new();
        let server = coordinator.clone();
        serving.spawn(async move { server.serve(listener, std::future::pending()).await });
        Self { coordinator, address, _serving: serving }
    }

    /// Starts one, with a session of the carried recipe `voted`: a round of one client over a hundred digits.
    ///
    /// # Errors
    /// When the recipe is not carried.
    pub async fn with_session() -> Result<(Self, Handle)> {
        let stage = Self::open().await;
        let handle = stage.host(pleach::recipes::load("voted")?, Dataset::digits(100, 50, 1), 1, 1);
        Ok((stage, handle))
    }

    /// Opens a session whose host owns the data and measures on its test part.
    pub fn host(&self, recipe: Recipe, dataset: Dataset, n_clients: u32, rounds: u32) -> Handle {
        let parts = dataset.parts(&Dealing::iid(n_clients, 1)).expect("enough samples for everyone");
        let evaluator = NativeEvaluator::new(&recipe, dataset.test).expect("the data fits the model");
        let settings = Settings { data: dataset.about, ..settings(n_clients, rounds) };
        let setup = Setup {
            recipe,
            settings,
            parts: Some(parts),
            pooled: None,
            evaluator: Some(Box::new(evaluator)),
            state_dir: None,
            dataset: String::new(),
            code: None,
            start: None,
        };
        self.coordinator.open(setup).expect("the session is legal")
    }

    /// The link that people get.
    pub fn join_link(&self, handle: &Handle) -> String {
        format!("http://{}/j/{}", self.address, handle.code)
    }

    /// The link to the host screen.
    pub fn host_link(&self, handle: &Handle) -> String {
        format!("http://{}/host/{}#{}", self.address, handle.code, handle.host_secret)
    }

    /// Opens a session of what a person asked for.
    pub fn host_opening(&self, opening: Opening, seed: u64) -> Handle {
        let Opening { recipe, about, dealt: Dealt { test, parts, pooled }, rounds, max_samples, start, .. } = opening;
        let evaluator = NativeEvaluator::new(&recipe, test).expect("the data fits the model");
        let settings = Settings { seed, max_samples, data: about, ..settings(parts.len() as u32, rounds) };
        let (parts, evaluator) = (Some(parts), Some(Box::new(evaluator) as Box<dyn Evaluator>));
        let (dataset, code, state_dir) = (String::new(), None, None);
        let setup = Setup { recipe, settings, parts, pooled, evaluator, state_dir, dataset, code, start };
        self.coordinator.open(setup).expect("the session is legal")
    }

    /// Runs a session with native clients on the CPU device to its end.
    pub async fn play(&self, handle: &Handle, n_clients: u32) -> View {
        let mut clients = JoinSet::new();
        for seed in 0..u64::from(n_clients) {
            let link = self.join_link(handle);
            let name = format!("client {seed}");
            let options = Options { name, device: Some(DeviceKind::Cpu), seed, ..Options::default() };
            clients.spawn(async move { native::join(&link, options, |_| {}).await });
        }
        while let Some(ended) = clients.join_next().await {
            ended.expect("clients do not panic").expect("clients take part to the end");
        }
        handle.finished().await.expect("the session is done");
        let view = handle.views.borrow().clone();
        (*view).clone()
    }
}

/// What every session of a stage is set to.
pub fn settings(n_clients: u32, rounds: u32) -> Settings {
    Settings {
        seed: 1,
        rounds,
        min_clients: n_clients,
        max_clients: 100,
        deadline_secs: 300,
        max_samples: 1_000_000,
        has_evaluator: true,
        data: Found::default(),
        data_digest: 0,
    }
}

/// Waits until the session looks so. `what` completes "waited in vain for …".
///
/// # Errors
/// When the deadline passes; the message holds how the session looks instead.
pub async fn until(handle: &Handle, what: &str, deadline: Duration, is_there: impl Fn(&View) -> bool) -> Result<View> {
    let mut views = handle.views.clone();
    let found = tokio::time::timeout(deadline, views.wait_for(|it| is_there(it))).await;
    let view = found.ok().and_then(|it| it.ok().map(|it| (**it).clone()));
    view.with_context(|| format!("waited in vain for {what}; the session: {:?}", handle.views.borrow()))
}
