//! The host screen: opened with its secret, it shows everything and gives the host's orders.

use std::time::Duration;

use anyhow::Result;
use client_wasm::native::{self, Options};
use coordinator::data::Dataset;
use coordinator::host::Limits;
use coordinator::session::Phase;
use e2e::chromium::{Chromium, Screen};
use e2e::stage::{Stage, until};
use engine::devices::DeviceKind;

const DEADLINE: Duration = Duration::from_secs(60);

/// As short as mischief gets: names have at most so many letters.
const NICKNAME: &str = "<img src=x onerror=a()>";

#[tokio::test]
async fn the_host_sees_the_session_and_gives_orders() -> Result<()> {
    let public_url = Some("http://192.168.1.20:7070".to_owned());
    let stage = Stage::within(Limits { public_url, ..Limits::default() }).await;
    // Two are waited for and one comes, so that nothing begins without the host.
    let handle = stage.host(pleach::recipes::load("voted")?, Dataset::digits(1200, 100, 1), 2, 1000);
    let link = stage.join_link(&handle);
    let options = Options {
        name: NICKNAME.into(),
        device: Some(DeviceKind::Cpu),
        practice: false,
        seed: 1,
        ..Options::default()
    };
    let client = tokio::spawn(async move { native::join(&link, options, |_| {}).await });
    let chromium = Chromium::launch().await?;
    let tab = chromium.open(&stage.host_link(&handle)).await?;
    tab.resize(Screen::Projector).await?;

    let named = "() => document.querySelector('#roster b')?.textContent ?? ''";
    tab.until("the roster", named, DEADLINE).await?;
    assert_eq!(tab.eval(named).await?, NICKNAME);
    assert_eq!(tab.eval("() => document.querySelectorAll('#roster img').length").await?, 0);
    let qr = "() => document.querySelector('#qr').naturalWidth > 0";
    tab.until("the QR code", qr, DEADLINE).await?;
    // People get the address that their own devices reach, not the one at which this screen was opened.
    let invitation = format!("192.168.1.20:7070/j/{}", handle.code);
    assert_eq!(tab.eval("() => document.querySelector('#link').textContent").await?, invitation);
    assert_eq!(handle.views.borrow().phase, Phase::Lobby);

    tab.click("#start:enabled", DEADLINE).await?;
    until(&handle, "rounds", DEADLINE, |it| it.rounds_committed >= 2).await?;
    let charts =
        "() => [...document.querySelectorAll('line-chart')].every(it => it.querySelectorAll('path.line').length >= 2)";
    tab.until("the charts", charts, DEADLINE).await?;
    tab.click("#pause:enabled", DEADLINE).await?;
    until(&handle, "the pause", DEADLINE, |it| it.phase == Phase::Paused).await?;
    tab.until("the pause to show", "() => document.body.dataset.state === 'paused'", DEADLINE).await?;
    let paused_at = handle.views.borrow().rounds_committed;
    tab.click("#start:enabled", DEADLINE).await?;
    until(&handle, "a further round", DEADLINE, |it| it.rounds_committed > paused_at).await?;
    tab.click("#stop:enabled", DEADLINE).await?;
    tab.click("#sure [value=stop]", DEADLINE).await?;
    let view = until(&handle, "the end", DEADLINE, |it| it.phase == Phase::Done).await?;
    assert!(view.rounds_committed < 1000);
    client.await??;

    let offered = "() => document.querySelectorAll('#downloads a').length >= 4";
    tab.until("the downloads", offered, DEADLINE).await?;
    let statuses = "async () => Promise.all([...document.querySelectorAll('#downloads a')].map(async it => {
        const answer = await fetch(it.href);
        return answer.ok && (await answer.arrayBuffer()).byteLength > 0;
    }))";
    let statuses = tab.eval(statuses).await?;
    assert!(statuses.as_array().is_some_and(|it| it.iter().all(|it| it == true)), "{statuses}");
    // Also a violation of the content security policy would be told here.
    assert_eq!(tab.errors(), Vec::<String>::new());
    chromium.close().await
}

#[tokio::test]
async fn a_wrong_secret_shows_its_sentence_and_nothing_else() -> Result<()> {
    let (stage, handle) = Stage::with_session().await?;
    let chromium = Chromium::launch().await?;
    let tab = chromium.open(&format!("http://{}/host/{}#guessed", stage.address, handle.code)).await?;
    let refused = "() => document.body.dataset.state === 'refused' \
        && document.querySelector('#trouble').checkVisibility() \
        && document.querySelector('#trouble').textContent.includes('This secret does not open this session')";
    tab.until("the refusal", refused, DEADLINE).await?;
    assert_eq!(tab.eval("() => document.querySelectorAll('.orders button:enabled').length").await?, 0);
    assert_eq!(tab.eval("() => document.querySelector('#recipe').textContent").await?, "");
    assert_eq!(tab.errors(), Vec::<String>::new());
    chromium.close().await
}
