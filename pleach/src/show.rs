//! Showing: serves an open session, says where people find it, and sums it up when it ends.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::bail;
use coordinator::export::FILES;
use coordinator::host::{Coordinator, Handle};
use coordinator::reach::{Address, Link, Reach};
use coordinator::session::Phase;
use coordinator::tls::Tls;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::args::Stage;
use crate::links;
use crate::output::print;
use crate::practice::{self, Centre, Own};
use crate::summary::Summary;
use crate::tabs::Crew;
use crate::terminal::Terminal;
use crate::words::reach as words;

/// An open session on its way to people.
pub(crate) struct Show {
    pub(crate) handle: Handle,
    pub(crate) folder: PathBuf,
    pub(crate) stage: Stage,
    pub(crate) own: Own,
    pub(crate) reach: Reach,
    pub(crate) tls: Tls,
}

impl Show {
    pub(crate) async fn run(self, coordinator: Coordinator, listener: TcpListener) -> anyhow::Result<()> {
        let listening = listener.local_addr()?;
        let mut terminal = Terminal::new(self.handle.views.borrow().rounds);
        self.announce(&terminal, listening);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let tls = Some(self.tls.clone());
        let serving = tokio::spawn(async move {
            // Used or dropped, it means stop.
            let stopped = async { stopped.await.unwrap_or(()) };
            coordinator.serve_securely(listener, tls, stopped).await;
        });
        let join_link = format!("{}/j/{}", links::local_origin(listening), self.handle.code);
        let practice = practice::start(self.own.n_practice, &join_link, self.stage.device);
        let centre = self.start_centre(&join_link);
        let mut crew = Crew::open(self.tabs(&join_link)).await?;
        let outcome = tokio::select! {
            () = watch(&self.handle, &mut terminal, self.stage.exit) => Ok(()),
            gone = crew.watch(self.stage.exit) => Err(gone),
            interrupted = interruption() => interrupted.map_err(Into::into),
        };
        terminal.end();
        let is_done = self.handle.views.borrow().phase == Phase::Done;
        let summary = Summary::of(&self.handle.views.borrow());
        drop((practice, centre, crew));
        let _ = stop.send(());
        serving.await?;
        if is_done {
            self.export()?;
        }
        report(&summary, self.stage.json)?;
        outcome?;
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

    /// The addresses that headless tabs open.
    fn tabs(&self, join_link: &str) -> Vec<String> {
        let device = self.stage.device.map_or_else(String::new, |it| format!("&device={it}"));
        let address = |n| format!("{join_link}?join=1&name=tab-{n}{device}");
        (1..=self.stage.tabs.unwrap_or(0)).map(address).collect()
    }

    /// Leaves model, mask, metrics and charts beside the checkpoints.
    fn export(&self) -> anyhow::Result<()> {
        self.handle.leave(&self.folder)?;
        eprintln!("model, mask and metrics are in {}: {}", self.folder.display(), FILES.join(", "));
        eprintln!("charts for a report are beside them, as SVG");
        Ok(())
    }

    fn announce(&self, terminal: &Terminal, listening: SocketAddr) {
        let (code, local) = (&self.handle.code, links::local_origin(listening));
        let mut addresses = self.reach.addresses.iter();
        if let Some(Address { origin, .. }) = addresses.next() {
            let join = format!("{origin}/j/{code}");
            if let Some(qr) = links::qr(&join) {
                terminal.say(&qr);
            }
            terminal.say(&format!("join   {join}   code {code}"));
        }
        for Address { origin, link } in addresses {
            terminal.say(&format!("       {origin}/j/{code}   {}", words::link(*link)));
        }
        if !self.reach.addresses.iter().any(|it| it.origin == local) {
            terminal
                .say(&format!("       {local}/j/{code}   on this machine, where browsers allow WebGPU without HTTPS"));
        }
        if let Some(obstacle) = self.reach.obstacle() {
            terminal.say(&format!("note   {}", words::obstacle(obstacle)));
        }
        self.announce_https(terminal);
        terminal.say(&format!("host   {local}/host/{code}#{}   keep this link to yourself", self.handle.host_secret));
        terminal.say(&format!("state  {}", self.folder.display()));
        let view = self.handle.views.borrow();
        terminal.say(&format!("{} on {}, {} rounds\n", view.recipe, view.data, view.rounds));
    }

    /// The same addresses over HTTPS, on the same port.
    fn announce_https(&self, terminal: &Terminal) {
        let own = self.reach.addresses.iter().find(|it| it.link != Link::Public);
        let Some(secure) = own.and_then(|it| it.origin.strip_prefix("http://")) else { return };
        let link = format!("https://{secure}/j/{}", self.handle.code);
        terminal.say(&format!("https  {link}   {}", words::https(self.tls.is_own)));
        if self.tls.is_own {
            terminal.say(&format!("       pleach join {link}#cert={}", self.tls.fingerprint()));
        }
    }
}

/// Ctrl-C, or what a service manager sends.
#[cfg(unix)]
async fn interruption() -> std::io::Result<()> {
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminated.recv() => Ok(()),
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
async fn interruption() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
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

fn report(summary: &Summary, json: bool) -> anyhow::Result<()> {
    print(&format!("{}\n", if json { summary.json() } else { summary.text() }))
}
