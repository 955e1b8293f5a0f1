//! The border between the coordinator and its host screen: every variant of every view, in each language and on each screen,
//! without a throw, a field that is never sent, a code that is swallowed, a text that is not there, or a finding of axe's.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use coordinator::session::{Phase, View};
use e2e::chromium::{Chromium, Screen, Theme};
use e2e::host_variants;
use e2e::puppet::Puppet;
use e2e::stage::Stage;
use serde_json::{Value, json};

use super::access::accessible;

const DEADLINE: Duration = Duration::from_secs(30);
const LANGUAGES: [&str; 2] = ["en", "de"];

/// The host screen of a session over a coordinator that says what it is told to, with the stage that serves it.
async fn puppet(chromium: &Chromium, language: &str) -> Result<(Stage, Puppet)> {
    let (stage, handle) = Stage::with_session().await?;
    let puppet = Puppet::open_host(chromium, &stage.host_link(&handle), language).await?;
    puppet.tab.until("the screen to log in", "() => orders.length === 1", DEADLINE).await?;
    Ok((stage, puppet))
}

/// What stands on the screen, and whether it has failed.
async fn seen(puppet: &Puppet) -> Result<Value> {
    let fields = "
        phase: document.querySelector('#phase').textContent,
        data: document.querySelector('#data').textContent,
        sentence: document.querySelector('#sentence').textContent,
        all: document.title + document.querySelector('main').textContent
            + [...document.querySelectorAll('[aria-label]')].map(it => it.ariaLabel).join('\\n'),
    ";
    puppet.seen(fields).await
}

/// Fails unless all languages say something, whole, and none the same as another.
fn compared(seen: &[Value], what: &str) -> Result<()> {
    for it in seen {
        ensure!(it["broken"] == false, "the screen failed at {what}: {}", it["broken"]);
        let all = it["all"].as_str().unwrap_or_default();
        let hole = ["undefined", "null", "NaN", "[object", "${"].into_iter().find(|it| all.contains(it));
        ensure!(hole.is_none() && !all.is_empty(), "a text with {hole:?} at {what}: {all}");
    }
    for key in ["phase", "data", "sentence"] {
        let texts: BTreeSet<&str> = seen.iter().filter_map(|it| it[key].as_str()).collect();
        // One word is the same in both.
        let is_told = texts.len() == seen.len() || texts.iter().all(|it| it.is_empty());
        ensure!(is_told || key == "phase" && texts.contains("Pause"), "untranslated at {what}: {texts:?}");
    }
    Ok(())
}

#[tokio::test]
async fn every_view_of_a_session_is_shown_in_each_language() -> Result<()> {
    let chromium = Chromium::launch().await?;
    let mut puppets = vec![];
    for language in LANGUAGES {
        puppets.push(puppet(&chromium, language).await?);
    }
    for view in host_variants::views() {
        let (sent, mut all) = (host_variants::shown(&view), vec![]);
        for (_, puppet) in &puppets {
            puppet.play(&sent).await.with_context(|| format!("{sent}"))?;
            all.push(seen(puppet).await?);
        }
        compared(&all, &sent.to_string())?;
    }
    for reach in host_variants::reaches() {
        let lobby = View { phase: Phase::Lobby, ..host_variants::usual() };
        let (sent, mut all) = (host_variants::shown_at(&lobby, &reach), vec![]);
        for (_, puppet) in &puppets {
            puppet.play(&sent).await.with_context(|| format!("{sent}"))?;
            all.push(seen(puppet).await?);
            let told = "() => [document.querySelectorAll('#ways:not([hidden]) a').length, !document.querySelector('#obstacle').hidden]";
            let (n, is_warned) = (reach.addresses.len() - 1, reach.obstacle().is_some());
            ensure!(puppet.tab.eval(told).await? == json!([n, is_warned]), "{reach:?}");
        }
        compared(&all, &sent.to_string())?;
    }
    for farewell in host_variants::farewells() {
        let mut all = vec![];
        for (_, puppet) in &puppets {
            puppet.tab.eval(&format!("() => drop({}, '{}')", farewell.code(), farewell.word())).await?;
            all.push(seen(puppet).await?);
        }
        compared(&all, &format!("{farewell:?}"))?;
        ensure!(all.iter().all(|it| it["sentence"] != ""), "{farewell:?} is swallowed");
    }
    for (_, puppet) in &puppets {
        assert_eq!(puppet.tab.errors(), Vec::<String>::new());
    }
    chromium.close().await
}

#[tokio::test]
async fn what_the_screen_does_not_know_is_not_swallowed() -> Result<()> {
    let chromium = Chromium::launch().await?;
    let (_stage, puppet) = puppet(&chromium, "en").await?;
    let changed = |change: fn(&mut Value)| {
        let mut sent = host_variants::shown(&host_variants::usual());
        change(&mut sent);
        sent
    };
    let planted = [
        changed(|it| it["phase"] = json!("levitating")),
        changed(|it| it["problem"] = json!({ "bored": { "detail": "" } })),
        changed(|it| it["data"] = json!("pictures")),
        changed(|it| it["clients"][0]["state"] = json!("asleep")),
        changed(|it| it["refusals"] = json!({ "too_loud": 1 })),
        changed(|it| it["pattern"] = json!("quarter_row")),
        changed(|it| drop(it.as_object_mut().map(|it| it.remove("has_classes")))),
        changed(|it| drop(it["history"][0].as_object_mut().map(|it| it.remove("bytes_dense")))),
    ];
    for sent in planted {
        puppet.breaks(&sent).await?;
    }
    chromium.close().await
}

#[tokio::test]
async fn axe_finds_nothing_on_a_host_screen_in_any_state() -> Result<()> {
    let chromium = Chromium::launch().await?;
    for language in LANGUAGES {
        let (_stage, puppet) = puppet(&chromium, language).await?;
        let mut states: Vec<View> =
            host_variants::phases().into_iter().map(|phase| View { phase, ..host_variants::usual() }).collect();
        states.push(View { problem: host_variants::problems().pop(), ..host_variants::usual() });
        for screen in [Screen::SmallPhone, Screen::Laptop, Screen::Projector] {
            puppet.tab.resize(screen).await?;
            for view in &states {
                puppet.play(&host_variants::shown(view)).await?;
                accessible(&puppet.tab, &format!("{screen:?}, {:?}, {:?}", view.phase, view.problem)).await?;
            }
        }
        for opener in ["#stop:enabled", "#chart-loss .tools button"] {
            puppet.play(&host_variants::shown(&host_variants::usual())).await?;
            puppet.tab.eval(&format!("() => document.querySelector('{opener}').click()")).await?;
            accessible(&puppet.tab, opener).await?;
            puppet.tab.eval("() => document.querySelectorAll('dialog').forEach(it => it.close())").await?;
        }
        for (code, reason) in [(1006, ""), (1008, "stranger"), (1008, "blocked by a proxy")] {
            puppet.tab.eval(&format!("() => drop({code}, '{reason}')")).await?;
            accessible(&puppet.tab, &format!("closed with {code}")).await?;
        }
    }
    chromium.close().await
}

#[tokio::test]
async fn a_chart_is_read_off_by_keys_and_as_a_table_and_its_axis_only_grows() -> Result<()> {
    let chromium = Chromium::launch().await?;
    let (_stage, puppet) = puppet(&chromium, "en").await?;
    let tab = &puppet.tab;
    tab.resize(Screen::Projector).await?;
    tab.paint(Theme::Light).await?;
    let usual = host_variants::usual();
    // Before there is anything to show, there is no scale that what comes would have to keep to.
    let begun = View { rounds_committed: 0, history: vec![], ..usual.clone() };
    puppet.play(&host_variants::shown(&begun)).await?;
    puppet.play(&host_variants::shown(&usual)).await?;
    let ticks = "() => [...document.querySelectorAll('#chart-accuracy .tick.y')].map(it => it.textContent)";
    tab.until("the chart", &format!("() => ({ticks})().some(it => it)"), DEADLINE).await?;
    // Shared models were right 84 to 90 %, trained ones 85 to 93 % of the time.
    let shares = |it: &[u32]| json!(it.iter().map(|it| format!("{it}\u{a0}%")).collect::<Vec<_>>());
    assert_eq!(tab.eval(ticks).await?, shares(&[84, 86, 88, 90, 92, 94]));
    let press = |key: &str| {
        format!(
            "() => {{ const it = document.querySelector('#chart-accuracy svg'); it.focus();
            it.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', bubbles: true }}));
            return it.ariaValueText; }}"
        )
    };
    assert_eq!(tab.eval(&press("Home")).await?, "Round 1, shared 84\u{a0}%, trained 85\u{a0}%");
    assert_eq!(tab.eval(&press("End")).await?, "Round 5 · pruned here, shared 90\u{a0}%, trained 93.0\u{a0}%");
    assert_eq!(tab.eval(&press("ArrowLeft")).await?, "Round 4 · pruned here, shared 90\u{a0}%, trained 91.0\u{a0}%");
    let rows = "() => { document.querySelector('#chart-accuracy .tools button').click();
        const rows = [...document.querySelectorAll('#chart-accuracy tr')].map(it => it.innerText.split('\\t'));
        document.querySelector('#chart-accuracy dialog').close(); return rows; }";
    let rows = tab.eval(rows).await?;
    assert_eq!((&rows[0], &rows[1][2]), (&json!(["Round", "shared", "trained"]), &json!("85\u{a0}%")));
    let svg = "() => document.querySelector('#chart-accuracy').svg()";
    let svg = tab.eval(svg).await?.as_str().unwrap_or_default().to_owned();
    assert!(svg.starts_with("<svg") && svg.contains("rgb(20, 122, 74)") && !svg.contains("var("), "{svg}");
    // A worse round widens the axis; a session that goes on better does not narrow it.
    let mut worse = usual.clone();
    std::sync::Arc::make_mut(&mut worse.history[4]).trained.correct = Some(410);
    puppet.play(&host_variants::shown(&worse)).await?;
    let wide = shares(&[40, 60, 80, 100]);
    assert_eq!(tab.eval(ticks).await?, wide);
    puppet.play(&host_variants::shown(&usual)).await?;
    assert_eq!(tab.eval(ticks).await?, wide);
    chromium.close().await
}

#[tokio::test]
async fn orders_are_sent_and_a_pause_has_its_button() -> Result<()> {
    let chromium = Chromium::launch().await?;
    let (_stage, puppet) = puppet(&chromium, "de").await?;
    let enabled = "() => [...document.querySelectorAll('.orders button:enabled')].map(it => it.textContent)";
    let shows: [(Phase, bool, Value); 4] = [
        (Phase::Lobby, false, json!(["Start", "Pause", "Beenden"])),
        (Phase::Collecting, false, json!(["Pause", "Beenden"])),
        (Phase::Paused, true, json!(["Weiter", "Beenden"])),
        (Phase::Done, false, json!([])),
    ];
    for (phase, is_paused, buttons) in shows {
        puppet.play(&host_variants::shown(&View { phase, is_paused, ..host_variants::usual() })).await?;
        assert_eq!(puppet.tab.eval(enabled).await?, buttons, "{phase:?}");
    }
    puppet.play(&host_variants::shown(&host_variants::usual())).await?;
    puppet.tab.click("#pause:enabled", DEADLINE).await?;
    puppet.tab.click("#stop:enabled", DEADLINE).await?;
    puppet.tab.click("#sure [value=stop]", DEADLINE).await?;
    puppet.tab.until("both orders", "() => orders.length === 3", DEADLINE).await?;
    assert_eq!(puppet.tab.eval("() => orders.slice(1)").await?, json!([r#"{"order":"pause"}"#, r#"{"order":"stop"}"#]));
    chromium.close().await
}
