//! A tab as the centre: the one that comes first is lent all data and trains alone, a second one watches and says so.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use coordinator::data::Dataset;
use e2e::chromium::Chromium;
use e2e::command::ran;
use e2e::images;
use e2e::stage::{Stage, until};
use serde_json::Value;

const DEADLINE: Duration = Duration::from_secs(120);

/// Runs a session of the recipe `snip` with so many tabs of the command's own, to its end; gives the rounds in which each
/// counted, and what was said.
fn hosted(tabs: &str, folder: &Path) -> Result<(Vec<Value>, String)> {
    images::write_digits(folder);
    let [data, state] = [folder.into(), folder.join("state")].map(|it| it.display().to_string());
    let session = ["host", "--recipe", "snip", "--data", &data, "--rounds", "3", "--state", &state];
    let crew = ["--tabs", tabs, "--device", "cpu", "--bind", "127.0.0.1:0", "--exit", "--json"];
    let (printed, said) = ran(&[&session[..], &crew].concat());
    let summary: Value = serde_json::from_str(&printed)?;
    assert_eq!((&summary["done"], &summary["rounds_committed"]), (&true.into(), &3.into()), "{summary}");
    let clients = summary["clients"].as_array().cloned().unwrap_or_default();
    assert!(clients.iter().all(|it| it["device"] == "cpu (wasm simd)"), "{clients:?}");
    Ok((clients.iter().map(|it| it["rounds"].clone()).collect(), said))
}

#[test]
fn one_tab_that_is_asked_for_is_the_centre() -> Result<()> {
    let (rounds, said) = hosted("1", tempfile::tempdir()?.path())?;
    assert_eq!(rounds, [3]);
    assert!(!said.contains("one centre"), "{said}");
    Ok(())
}

#[test]
fn of_two_tabs_one_trains_and_a_warning_says_so() -> Result<()> {
    let (rounds, said) = hosted("2", tempfile::tempdir()?.path())?;
    // The other may come too late to have seen anything.
    assert_eq!(rounds[0], 3, "{rounds:?}");
    assert!(rounds[1..].iter().all(|it| *it == 0), "{rounds:?}");
    assert!(said.contains("of 2 clients the first to come trains, the others watch"), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_second_tab_says_that_it_watches() -> Result<()> {
    const ENDLESS: u32 = 100_000;
    let (stage, chromium) = (Stage::open().await, Chromium::launch().await?);
    let handle = stage.host(pleach::recipes::load("snip")?, Dataset::digits(200, 50, 1), 1, ENDLESS);
    let link = format!("{}?join=1&device=cpu", stage.join_link(&handle));
    let first = chromium.open(&link).await?;
    until(&handle, "a round of the first tab", DEADLINE, |it| it.rounds_committed > 1).await?;
    let second = chromium.open(&link).await?;
    let watches = "() => document.body.dataset.state === 'watching'";
    second.until("the second tab to watch", watches, DEADLINE).await?;
    let seen = second.eval("() => document.querySelector('#live').textContent").await?.to_string();
    assert!(seen.contains("Watching: one client trains on all of the data"), "{seen}");
    let view = handle.views.borrow().clone();
    assert_eq!(view.clients.iter().map(|it| it.rounds > 0).collect::<Vec<_>>(), [true, false]);
    for tab in [first, second] {
        assert_eq!(tab.errors(), Vec::<String>::new());
    }
    chromium.close().await
}
