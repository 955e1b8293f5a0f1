//! One centre: where a recipe asks nobody else, one client is lent all data, the host's own or whoever comes first; others
//! watch, and are told so.

use std::path::Path;

use e2e::command::{Running, pleach, ran};
use e2e::images;
use serde_json::Value;
use tempfile::TempDir;

/// As few as the recipe can be run in, and more than anybody waits for.
const FEW: &str = "3";
const ENDLESS: &str = "100000";

/// Small data, and room for sessions.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    images::write_digits(folder.path());
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are text")
}

/// What hosts a session of the recipe `snip`.
fn host<'a>(data: &'a TempDir, rounds: &'a str, crew: &[&'a str]) -> Vec<&'a str> {
    let session =
        ["host", "--recipe", "snip", "--data", text(data.path()), "--rounds", rounds, "--bind", "127.0.0.1:0"];
    [&session[..], &["--device", "cpu", "--exit", "--json"], crew].concat()
}

/// Runs it to its end; gives the names of clients with the rounds that each counted in, and what was said.
fn hosted(crew: &[&str]) -> (Vec<(String, u64)>, String) {
    let folder = folder();
    let state = folder.path().join("state");
    let (printed, said) = ran(&[&host(&folder, FEW, crew)[..], &["--state", text(&state)]].concat());
    (clients(&printed), said)
}

fn clients(printed: &str) -> Vec<(String, u64)> {
    let summary: Value = serde_json::from_str(printed).expect("a summary");
    assert_eq!(summary["done"], true, "{summary}");
    assert!(summary["seconds"].as_f64().is_some_and(|it| it < 8.0), "nobody is waited for in vain: {summary}");
    let of_client =
        |it: &Value| (it["name"].as_str().unwrap_or_default().to_owned(), it["rounds"].as_u64().unwrap_or_default());
    let clients = summary["clients"].as_array().expect("who took part");
    clients.iter().map(of_client).collect()
}

fn named(clients: &[(&str, u64)]) -> Vec<(String, u64)> {
    clients.iter().map(|it| (it.0.to_owned(), it.1)).collect()
}

#[test]
fn where_nobody_is_asked_for_the_host_brings_the_centre() {
    let (clients, said) = hosted(&[]);
    assert_eq!(clients, named(&[("centre", 3)]));
    assert!(!said.contains("one centre"), "{said}");
}

#[test]
fn one_practice_client_is_the_centre() {
    let (clients, said) = hosted(&["--practice", "1"]);
    assert_eq!(clients, named(&[("practice 1", 3)]));
    assert!(!said.contains("one centre"), "{said}");
}

#[test]
fn of_two_the_first_to_come_trains_and_a_warning_says_so() {
    let (clients, said) = hosted(&["--practice", "2"]);
    let rounds: Vec<u64> = clients.iter().map(|it| it.1).collect();
    assert_eq!(rounds, [3, 0], "{clients:?}");
    assert!(said.contains("warning: the recipe asks one centre: of 2 clients the first to come trains"), "{said}");
}

#[test]
fn how_many_clients_or_parts_there_are_is_ignored_with_a_warning() {
    let (clients, said) = hosted(&["--min-clients", "5", "--parts", "4", "--practice", "1"]);
    assert_eq!(clients, named(&[("practice 1", 3)]));
    for flag in ["--min-clients 5", "--parts 4"] {
        assert!(said.contains(&format!("warning: {flag} is ignored: the recipe asks one centre")), "{flag}: {said}");
    }
    let data = folder();
    let simulate = ["simulate", "snip", "--data", text(data.path()), "--rounds", FEW, "--json"];
    let (printed, said) = ran(&[&simulate[..], &["--clients", "5"]].concat());
    assert_eq!(clients_of(&printed), 1);
    assert!(said.contains("warning: --clients 5 is ignored: the recipe asks one centre"), "{said}");
    let (printed, said) = ran(&simulate);
    assert_eq!(clients_of(&printed), 1);
    assert!(!said.contains("one centre"), "what nobody said is not ignored: {said}");
    let explained: Value =
        serde_json::from_str(&pleach(&["explain", "snip", "--clients", "5", "--json"])).expect("an explanation");
    assert_eq!(explained["clients"], 1);
    assert!(explained["warnings"].to_string().contains("--clients 5 is ignored"), "{explained}");
}

fn clients_of(printed: &str) -> usize {
    clients(printed).len()
}

#[test]
fn a_centre_beside_others_is_the_hosts_own() {
    let data = folder();
    let recipe = data.path().join("recipe.toml");
    let carried = pleach::recipes::carried("mpfl").expect("carried").text;
    std::fs::write(&recipe, format!("{carried}\ncohort = {{ kind = \"centre\" }}")).expect("written");
    let state = data.path().join("state");
    let session = ["host", "--recipe", text(&recipe), "--data", text(data.path()), "--rounds", FEW];
    let crew = ["--practice", "2", "--device", "cpu", "--bind", "127.0.0.1:0", "--exit", "--json"];
    let printed = pleach(&[&session[..], &crew, &["--state", text(&state)]].concat());
    let rounds: Vec<u64> = clients(&printed).iter().map(|it| it.1).collect();
    assert_eq!(rounds, [2, 2, 1], "two levels of the search, and the finish");
}

#[test]
fn whoever_joins_is_the_centre_until_the_session_is_over() {
    let (data, state) = (folder(), tempfile::tempdir().expect("a folder"));
    let crew = ["--practice", "0", "--state", text(state.path())];
    let mut host = Running::start(&host(&data, FEW, &crew));
    let mut guest = Running::start(&["join", &host.join_link(), "--name", "ada", "--device", "cpu"]);
    guest.hears("180 samples to train on");
    guest.hears("done after 3 rounds");
    host.hears("model, mask and metrics are in");
}

#[test]
fn a_second_watches_and_takes_over_once_the_first_has_left() {
    let (data, state) = (folder(), tempfile::tempdir().expect("a folder"));
    let crew = ["--min-clients", "1", "--state", text(state.path())];
    let mut host = Running::start(&host(&data, ENDLESS, &crew));
    let link = host.join_link();
    let join = |name| Running::start(&["join", &link, "--name", name, "--device", "cpu"]);
    let mut first = join("ada");
    first.hears("round 2:");
    let mut second = join("grace");
    second.hears("another client trains on all of the data: this one watches");
    first.hears("round ");
    first.kill();
    second.hears("round ");
}

#[test]
fn a_session_that_was_cut_off_goes_on_with_a_centre_of_the_hosts_own() {
    let (data, state) = (folder(), tempfile::tempdir().expect("a folder"));
    let mut cut = Running::start(&host(&data, "30", &["--state", text(state.path())]));
    cut.hears("round   2");
    cut.kill();
    let printed =
        pleach(&["resume", text(state.path()), "--device", "cpu", "--bind", "127.0.0.1:0", "--exit", "--json"]);
    let clients = clients(&printed);
    assert_eq!(clients.len(), 1);
    assert!(clients[0].0 == "centre" && (1..30).contains(&clients[0].1), "{clients:?}");
}
