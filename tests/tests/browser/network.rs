//! What happens to tabs in a classroom: someone pulls down to refresh, the Wi-Fi goes away for a while.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use coordinator::data::Dataset;
use coordinator::session::{MemberState, Phase};
use e2e::chromium::Chromium;
use e2e::stage::{Stage, until};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

const DEADLINE: Duration = Duration::from_secs(90);

/// A cable to the coordinator that can be pulled and plugged in again.
struct Cable {
    from: SocketAddr,
    to: SocketAddr,
    plugged: JoinSet<()>,
}

impl Cable {
    async fn new(to: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let mut cable = Self { from: listener.local_addr()?, to, plugged: JoinSet::new() };
        cable.carry(listener);
        Ok(cable)
    }

    fn carry(&mut self, listener: TcpListener) {
        let to = self.to;
        self.plugged.spawn(async move {
            let mut streams = JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                streams.spawn(async move {
                    if let Ok(mut far) = TcpStream::connect(to).await {
                        // Either end may go at any time.
                        let _ = copy_bidirectional(&mut near, &mut far).await;
                    }
                });
            }
        });
    }

    /// Cuts every connection and takes no new one.
    async fn pull(&mut self) {
        self.plugged.shutdown().await;
    }

    async fn plug_in(&mut self) -> Result<()> {
        let listener = TcpListener::bind(self.from).await?;
        self.carry(listener);
        Ok(())
    }
}

#[tokio::test]
async fn a_refreshed_tab_comes_back_as_the_same_client() -> Result<()> {
    const N_ROUNDS: u32 = 20;
    let stage = Stage::open().await;
    let handle = stage.host(pleach::recipes::load("voted")?, Dataset::digits(1200, 100, 1), 2, N_ROUNDS);
    let chromium = Chromium::launch().await?;
    let link = |name: &str| format!("{}?join=1&name={name}&device=cpu", stage.join_link(&handle));
    let stays = chromium.open(&link("stays")).await?;
    // Joined by a click: only then does the browser ask before it leaves a page that trains.
    let goes = chromium.open(&stage.join_link(&handle)).await?;
    goes.click("#join .primary", DEADLINE).await?;
    until(&handle, "two rounds", DEADLINE, |it| it.rounds_committed >= 2).await?;
    let number = goes.eval("() => document.body.dataset.client").await?;
    goes.reload().await?;
    let came_back = format!("() => document.body.dataset.client === {number} && !!document.body.dataset.round");
    goes.until("the refreshed tab to work again", &came_back, DEADLINE).await?;
    let view = until(&handle, "the session to end", DEADLINE, |it| it.phase == Phase::Done).await?;
    assert_eq!((view.clients.len(), view.history.len()), (2, N_ROUNDS as usize), "{:?}", view.clients);
    assert!(view.history.last().is_some_and(|it| it.counted == 2), "{:?}", view.history);
    for tab in [&stays, &goes] {
        tab.until("the page to end", "() => document.body.dataset.state === 'done'", DEADLINE).await?;
        assert_eq!(tab.errors(), Vec::<String>::new());
    }
    chromium.close().await
}

#[tokio::test]
async fn a_tab_that_lost_the_network_says_so_and_goes_on_by_itself() -> Result<()> {
    const N_ROUNDS: u32 = 12;
    let stage = Stage::open().await;
    let handle = stage.host(pleach::recipes::load("voted")?, Dataset::digits(1200, 100, 1), 1, N_ROUNDS);
    let mut cable = Cable::new(stage.address).await?;
    let chromium = Chromium::launch().await?;
    let tab = chromium.open(&format!("http://{}/j/{}?join=1&device=cpu", cable.from, handle.code)).await?;
    until(&handle, "a round", DEADLINE, |it| it.rounds_committed >= 1).await?;
    cable.pull().await;
    let told = "() => document.body.dataset.state === 'offline' \
        && document.querySelector('#state').textContent === 'Connection lost' \
        && document.querySelector('#detail').textContent.includes('your work is kept')";
    tab.until("the page to say that it is offline", told, DEADLINE).await?;
    let away =
        until(&handle, "the client to be missed", DEADLINE, |it| it.clients[0].state == MemberState::Gone).await?;
    cable.plug_in().await?;
    let here = until(&handle, "the client to be back", DEADLINE, |it| it.clients[0].state != MemberState::Gone).await?;
    assert!(here.rounds_committed >= away.rounds_committed && away.rounds_committed < N_ROUNDS);
    let view = until(&handle, "the session to end", DEADLINE, |it| it.phase == Phase::Done).await?;
    assert_eq!((view.clients.len(), view.history.len()), (1, N_ROUNDS as usize));
    tab.until("the page to end", "() => document.body.dataset.state === 'done'", DEADLINE).await?;
    // The browser itself reports each attempt that failed; nothing else went wrong.
    let other: Vec<String> = tab.errors().into_iter().filter(|it| !it.contains("WebSocket connection to")).collect();
    assert_eq!(other, Vec::<String>::new());
    chromium.close().await
}
