//! Where a session is, to real browsers: over HTTPS on the same port, the way there from plain HTTP, an address that the coordinator
//! does not know, and browsers that the command opens by itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use e2e::chromium::{self, Chromium, Screen};
use e2e::command::Running;
use e2e::puppet::Puppet;
use e2e::stage::Stage;
use serde_json::{Value, json};
use test_data::left_out;

use super::access::accessible;

const DEADLINE: Duration = Duration::from_secs(60);

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are text")
}

/// A session of the command, with its arguments beside the state folder; the host speaks both HTTP and HTTPS.
fn host(folder: &Path, more: &[&str], variables: &[(&str, &str)]) -> Running {
    let state = folder.join("state");
    let session = ["host", "--state", text(&state), "--bind", "127.0.0.1:0", "--recipe", "fedavg", "--practice", "0"];
    Running::start_with(&[&session[..], more].concat(), variables)
}

#[tokio::test]
async fn a_tab_trains_over_https_and_the_host_screen_is_there_too() -> Result<()> {
    let (folder, chromium) = (tempfile::tempdir()?, Chromium::launch().await?);
    let mut host = host(folder.path(), &["--rounds", "2", "--min-clients", "1", "--exit", "--json"], &[]);
    let line = host.hears("https  https://127.0.0.1:");
    let link = line.split_whitespace().nth(1).context("a link")?.to_owned();
    let line = host.hears("host   http://");
    let screen = line.split_whitespace().nth(1).context("a link")?.replacen("http://", "https://", 1);
    // The browser of tests takes any certificate, as one does that was clicked through.
    let screen = chromium.open(&screen).await?;
    screen.until("the host screen", "() => document.body.dataset.state === 'lobby'", DEADLINE).await?;
    assert_eq!(screen.eval("() => isSecureContext").await?, true);
    let tab = chromium.open(&format!("{link}?join=1&device=cpu&name=Ada")).await?;
    tab.until("the end", "() => document.body.dataset.state === 'done'", DEADLINE).await?;
    assert_eq!(tab.eval("() => document.querySelector('#secure').hidden").await?, true, "it is here already");
    assert_eq!(tab.errors(), Vec::<String>::new());
    let (status, printed, said) = host.end();
    assert!(status.success(), "{said}");
    let summary: Value = serde_json::from_str(&printed)?;
    assert_eq!((&summary["done"], &summary["clients"][0]["name"]), (&json!(true), &json!("Ada")));
    chromium.close().await
}

#[tokio::test]
async fn a_page_that_came_over_plain_http_leads_to_https() -> Result<()> {
    let (folder, chromium) = (tempfile::tempdir()?, Chromium::launch().await?);
    let mut host = host(folder.path(), &["--min-clients", "2"], &[]);
    let link = host.join_link();
    let plain = "Object.defineProperty(globalThis, 'isSecureContext', { value: false });";
    for language in ["en", "de"] {
        let script = format!("{plain} Object.defineProperty(navigator, 'languages', {{ get: () => ['{language}'] }});");
        let tab = chromium.open_behind(&script, &link).await?;
        tab.resize(Screen::SmallPhone).await?;
        tab.until("the offer", "() => !document.querySelector('#secure').hidden", DEADLINE).await?;
        tab.click("#secure summary", DEADLINE).await?;
        let seen =
            "() => [document.querySelector('#secure a').href, document.querySelectorAll('#secure figure').length]";
        assert_eq!(tab.eval(seen).await?, json!([link.replacen("http://", "https://", 1), 2]));
        accessible(&tab, &format!("the way to HTTPS in {language}")).await?;
        assert_eq!(tab.errors(), Vec::<String>::new());
    }
    chromium.close().await
}

#[tokio::test]
async fn a_page_at_an_address_that_the_host_does_not_know_says_so() -> Result<()> {
    let ((stage, handle), chromium) = (Stage::with_session().await?, Chromium::launch().await?);
    // As behind a proxy with a name of its own: what the page asks is refused as coming from elsewhere.
    let elsewhere = "{
        const ask = globalThis.fetch;
        globalThis.fetch = (what, how) => what === '/origin' ? Promise.resolve(new Response(null, { status: 403 })) : ask(what, how);
    }";
    let worker = "globalThis.Worker = class {
        constructor() { globalThis.puppet = this; }
        postMessage() {}
        terminate() {}
    };";
    let tab =
        chromium.open_behind(&format!("{elsewhere} {worker}"), &format!("{}?join=1", stage.join_link(&handle))).await?;
    tab.until("the page to join", "() => !!globalThis.puppet", DEADLINE).await?;
    let mut lost = serde_json::to_value(e2e::variants::usual())?;
    lost["connection"] = json!({ "offline": { "retry_secs": 2.0 } });
    tab.eval(&format!("() => puppet.onmessage({{ data: {lost} }})")).await?;
    tab.until("the page to give up", "() => document.body.dataset.state === 'failed'", DEADLINE).await?;
    let seen = tab.eval("() => document.querySelector('#refusal').textContent").await?.to_string();
    assert!(seen.contains(&format!("--public-url http://{}", stage.address)), "{seen}");
    // The host's own screen at such an address.
    let screen = Puppet::open_host(&chromium, &stage.host_link(&handle), "en").await?;
    screen.tab.until("the screen to log in", "() => orders.length === 1", DEADLINE).await?;
    screen.tab.eval(&format!("() => {{ {elsewhere} drop(1006, ''); }}")).await?;
    let told = "() => document.querySelector('#sentence').textContent.includes('--public-url')";
    screen.tab.until("the screen to say so", told, DEADLINE).await?;
    chromium.close().await
}

/// A program in a folder that stands in for the browser.
fn script(folder: &Path, name: &str, lines: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{lines}\n"))?;
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    Ok(path)
}

#[test]
fn a_browser_that_fails_is_heard() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let failing = script(folder.path(), "browser", "echo 'cannot open display: the words of a browser' >&2; exit 7")?;
    let (status, _, said) = host(folder.path(), &["--tabs", "1"], &[("CHROME", text(&failing))]).end();
    assert!(!status.success() && said.contains("cannot open display: the words of a browser"), "{said}");
    Ok(())
}

#[test]
fn a_browser_with_folders_of_its_own_joins_as_any_other() -> Result<()> {
    // As snaps and flatpaks are: what they leave in the folder for temporary files cannot be seen from outside.
    let can =
        Command::new("unshare").args(["-m", "sh", "-c", "mount -t tmpfs tmpfs /tmp"]).stderr(Stdio::null()).status();
    if !can.is_ok_and(|it| it.success()) {
        left_out(
            "no folders of its own can be made for a browser here: this takes Linux, `unshare` and the right to use it",
        );
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let chromium = chromium::executable()?;
    let inside = format!("mount -t tmpfs tmpfs /tmp && exec \"{}\" \"$@\"", chromium.display());
    let snap = script(folder.path(), "snap", &format!("exec unshare -m sh -c '{inside}' x \"$@\""))?;
    let more = ["--tabs", "1", "--rounds", "1", "--device", "cpu", "--exit", "--json"];
    let (status, printed, said) = host(folder.path(), &more, &[("CHROME", text(&snap))]).end();
    assert!(status.success(), "{said}");
    assert_eq!(serde_json::from_str::<Value>(&printed)?["done"], true);
    Ok(())
}

/// Ends the browser whose number a script wrote into a file, once it is another one than `before`.
fn ended(number: &Path, before: &str) -> Result<String> {
    let start = Instant::now();
    loop {
        let written = std::fs::read_to_string(number).unwrap_or_default();
        if written.ends_with('\n') && written != before {
            Command::new("kill").args(["-KILL", written.trim()]).status()?;
            return Ok(written);
        }
        anyhow::ensure!(start.elapsed() < DEADLINE, "no browser was started");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn the_only_browser_is_started_once_more_and_then_given_up() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let number = folder.path().join("number");
    let lines = format!("echo $$ > '{}'; exec '{}' \"$@\"", number.display(), chromium::executable()?.display());
    let browser = script(folder.path(), "browser", &lines)?;
    let more = ["--tabs", "1", "--rounds", "100000", "--device", "cpu", "--exit", "--json"];
    let mut host = host(folder.path(), &more, &[("CHROME", text(&browser))]);
    host.hears("round   1");
    let first = ended(&number, "")?;
    host.hears("starting it once more");
    host.hears("round ");
    ended(&number, &first)?;
    let (status, printed, said) = host.end();
    assert!(!status.success() && said.contains("for the second time"), "{said}");
    assert_eq!(serde_json::from_str::<Value>(&printed)?["done"], false);
    Ok(())
}
