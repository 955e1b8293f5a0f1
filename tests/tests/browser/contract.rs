//! The border between a client and its page: every variant of every view, in each language, without a throw, a field that is never
//! sent, a code that is swallowed or a text that is not there.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use client_wasm::session::{Identity, Session};
use client_wasm::view::View;
use e2e::chromium::Chromium;
use e2e::puppet::Puppet;
use e2e::stage::Stage;
use e2e::variants;
use serde_json::{Value, json};

const DEADLINE: Duration = Duration::from_secs(30);
const LANGUAGES: [&str; 2] = ["en", "de"];

/// States that a page is in without a client: its worker has none, or broke.
pub(super) fn own_failures() -> [Value; 5] {
    let detail = json!({ "detail": "net::ERR_FAILED" });
    let foreign = json!({ "foreign": { "origin": "https://class.example" } });
    [foreign, json!("no_wasm"), json!("no_simd"), json!({ "unloaded": detail }), json!({ "crashed": detail })]
}

/// A session's page in each language, with the stage that serves it.
async fn puppets(chromium: &Chromium) -> Result<(Stage, Vec<Puppet>)> {
    let (stage, handle) = Stage::with_session().await?;
    let link = format!("{}?join=1", stage.join_link(&handle));
    let mut puppets = vec![];
    for language in LANGUAGES {
        let puppet = Puppet::open(chromium, &link, language).await?;
        puppet.tab.until("the page to join", "() => !!globalThis.puppet", DEADLINE).await?;
        puppets.push(puppet);
    }
    Ok((stage, puppets))
}

/// What stands in the page, and whether it has failed.
async fn seen(puppet: &Puppet) -> Result<Value> {
    let fields = "
        state: document.querySelector('#state').textContent,
        refusal: document.querySelector('#refusal').textContent,
        all: document.querySelector('#live').textContent + document.querySelector('#units').getAttribute('aria-label'),
    ";
    puppet.seen(fields).await
}

/// The same shown in each language, each whole and none like another.
async fn compared(puppets: &[Puppet], sent: &Value) -> Result<()> {
    let mut texts = vec![];
    for puppet in puppets {
        puppet.play(sent).await.with_context(|| format!("{sent}"))?;
        let seen = seen(puppet).await?;
        ensure!(seen["broken"] == false, "the page failed at {sent}: {}", seen["broken"]);
        let all = seen["all"].as_str().unwrap_or_default();
        let hole = ["undefined", "null", "NaN", "[object", "${"].into_iter().find(|it| all.contains(it));
        ensure!(hole.is_none() && !all.is_empty(), "a text with {hole:?} at {sent}: {all}");
        texts.push(seen);
    }
    let of = |key: &str| texts.iter().map(|it| it[key].to_string()).collect::<BTreeSet<_>>();
    ensure!(of("state").len() == puppets.len() && !of("state").contains("\"\""), "untranslated: {texts:?}");
    ensure!(of("refusal").len() == puppets.len() || of("refusal").contains("\"\""), "untranslated: {texts:?}");
    Ok(())
}

#[tokio::test]
async fn every_view_of_a_client_is_shown_in_each_language() -> Result<()> {
    let chromium = Chromium::launch().await?;
    let (_stage, puppets) = puppets(&chromium).await?;
    for view in variants::views() {
        compared(&puppets, &serde_json::to_value(&view)?).await?;
    }
    for failure in own_failures() {
        compared(&puppets, &json!({ "failed": failure })).await?;
    }
    for puppet in &puppets {
        assert_eq!(puppet.tab.errors(), Vec::<String>::new());
    }
    chromium.close().await
}

#[tokio::test]
async fn what_the_page_does_not_know_is_not_swallowed() -> Result<()> {
    let chromium = Chromium::launch().await?;
    let (_stage, puppets) = puppets(&chromium).await?;
    let puppet = &puppets[0];
    let unknown = |field: &str, value: Value| -> Result<Value> {
        let mut view = serde_json::to_value(variants::usual())?;
        view[field] = value;
        Ok(view)
    };
    let without = |field: &str| -> Result<Value> {
        let mut view = serde_json::to_value(variants::usual())?;
        view.as_object_mut().context("a view is an object")?.remove(field);
        Ok(view)
    };
    let planted = [
        unknown("state", json!("levitating"))?,
        unknown("refusal", json!({ "Bored": { "by": 1 } }))?,
        unknown("state", json!({ "failed": "tired" }))?,
        without("progress")?,
        without("traffic")?,
    ];
    for sent in planted {
        puppet.breaks(&sent).await?;
    }
    chromium.close().await
}

#[tokio::test]
async fn a_page_begins_with_the_view_that_a_client_begins_with() -> Result<()> {
    let chromium = Chromium::launch().await?;
    let (_stage, puppets) = puppets(&chromium).await?;
    let first = puppets[0].tab.eval("async () => (await import('/join/received.js')).FIRST").await?;
    let view: View = Session::new(Identity::default()).view();
    // JavaScript has one kind of number.
    let plain = |it: &Value| it.to_string().replace("0.0", "0");
    assert_eq!(plain(&first), plain(&serde_json::to_value(view)?));
    chromium.close().await
}
