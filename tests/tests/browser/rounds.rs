//! Three tabs train, vote and prune together; each is known by the name that it came with.

use std::time::Duration;

use anyhow::{Result, ensure};
use coordinator::data::Dataset;
use coordinator::session::Phase;
use e2e::chromium::{Chromium, Tab};
use e2e::stage::{Stage, until};
use pleach::tabs::Tabs;
use serde_json::Value;

const DEADLINE: Duration = Duration::from_secs(90);
const N_ROUNDS: u32 = 4;

/// Opens the page as a person does, and taps the button.
async fn joined(chromium: &Chromium, link: &str, name: &str) -> Result<Tab> {
    let tab = chromium.open(link).await?;
    tab.click("#name", DEADLINE).await?;
    tab.eval(&format!("() => {{ document.querySelector('#name').value = '{name}' }}")).await?;
    // Votes show only until the next round: kept, so that none is missed between two looks.
    let keep = "() => {
        window.votes = [];
        const note = () => votes.push(document.querySelector('#votes').textContent);
        new MutationObserver(note).observe(document.querySelector('#votes'), { childList: true });
    }";
    tab.eval(keep).await?;
    tab.click("#join .primary", DEADLINE).await?;
    Ok(tab)
}

#[tokio::test]
async fn three_tabs_join_by_a_click_train_vote_and_end() -> Result<()> {
    let stage = Stage::open().await;
    let handle = stage.host(pleach::recipes::load("voted")?, Dataset::digits(900, 200, 1), 3, N_ROUNDS);
    let chromium = Chromium::launch().await?;
    let mut tabs = vec![];
    for name in ["ada", "grace", "emmy"] {
        tabs.push(joined(&chromium, &stage.join_link(&handle), name).await?);
    }
    let view = until(&handle, "the session to end", DEADLINE, |it| it.phase == Phase::Done).await?;
    assert_eq!(view.history.len(), N_ROUNDS as usize);
    assert!(view.history.iter().all(|it| it.counted == 3 && it.loss.is_finite()), "{:?}", view.history);
    assert!(view.unit_density < 0.9, "nothing was pruned: {}", view.unit_density);
    let mut names: Vec<&str> = view.clients.iter().map(|it| it.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["ada", "emmy", "grace"]);
    for client in &view.clients {
        assert_eq!((client.device.as_str(), client.rounds), ("cpu (wasm simd)", N_ROUNDS), "{}", client.name);
    }
    let densities: Vec<f64> = [1.0].into_iter().chain(view.history.iter().map(|it| it.density)).collect();
    let n_events = densities.windows(2).filter(|it| it[1] < it[0]).count();
    assert!(n_events > 1, "{densities:?}");
    for tab in &tabs {
        tab.until("the page to say so", "() => document.body.dataset.state === 'done'", DEADLINE).await?;
        let votes = "() => votes.filter(it => /^I vote to drop [1-9]\\d* units?\\.$/.test(it)).length";
        assert_eq!(tab.eval(votes).await?, n_events);
        let seen = "() => ['units', 'density', 'accuracy'].map(it => document.getElementById(it))
            .map(it => it.getAttribute('aria-label') ?? it.textContent).join('; ')";
        let seen = tab.eval(seen).await?.to_string();
        ensure!(seen.contains("alive") && !seen.contains('–'), "the page lacks a picture or a figure: {seen}");
        assert_eq!(tab.errors(), Vec::<String>::new());
    }
    chromium.close().await
}

#[tokio::test]
async fn the_link_may_carry_a_name_and_a_device_also_for_tabs_that_the_command_opens() -> Result<()> {
    let stage = Stage::open().await;
    let handle = stage.host(pleach::recipes::load("fedavg")?, Dataset::digits(200, 50, 1), 3, 1);
    let link = |name: &str| format!("{}?join=1&name={name}&device=cpu", stage.join_link(&handle));
    let chromium = Chromium::launch().await?;
    let tab = chromium.open(&link("ada")).await?;
    let is_here =
        |name: &'static str| move |it: &coordinator::session::View| it.clients.iter().any(|it| it.name == name);
    until(&handle, "ada to join", DEADLINE, is_here("ada")).await?;
    let links = [link("tab-1"), link("tab%202")];
    let _tabs = tokio::task::spawn_blocking(move || Tabs::open(&links)).await??;
    until(&handle, "tab-1 to join", DEADLINE, is_here("tab-1")).await?;
    until(&handle, "tab 2 to join", DEADLINE, is_here("tab 2")).await?;
    // A forced device says so; the probe would have chosen the same by itself.
    let why = tab.eval("() => document.querySelector('#device').textContent").await?;
    assert_eq!(why, "CPU (wasm simd): the CPU, as asked");
    // A name from a link is not this device's own.
    assert_eq!(tab.eval("() => localStorage.getItem('pleach name')").await?, Value::Null);
    chromium.close().await
}
