//! What is ours on a disk and on a network, by the command itself: a session comes back where it was, people find it over HTTPS,
//! and what cannot work is said before anything is made.

use std::path::Path;

use e2e::command::Running;
use serde_json::Value;

const CREW: [&str; 6] = ["--practice", "2", "--device", "cpu", "--bind", "127.0.0.1:0"];

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are text")
}

/// A session of two practice clients that goes on for long.
fn long(state: &Path, more: &[&str]) -> Running {
    let session = ["host", "--state", text(state), "--rounds", "1000", "--recipe", "fedavg"];
    Running::start(&[&session[..], &CREW, more].concat())
}

/// Flags, variables of the environment, and what the command says of them.
type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a str);

#[test]
fn a_session_comes_back_where_it_was_with_its_practice_clients() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let mut first = long(&state, &["--public-url", "https://class.example"]);
    let public = first.join_link();
    assert!(public.starts_with("https://class.example/j/"), "{public}");
    let own = first.hears("http://127.0.0.1:");
    first.hears("round   2");
    first.kill();
    // Nothing but the folder: the address, the clients and what is in front of it are as they were.
    let mut second = Running::start(&["resume", text(&state)]);
    assert_eq!(second.join_link(), public);
    assert_eq!(second.hears("http://127.0.0.1:").split_whitespace().next(), own.split_whitespace().next());
    second.hears("round ");
    second.interrupt();
    let (status, printed, said) = second.end();
    assert!(!status.success() && printed.contains("rounds in") && said.contains("not finished: go on with"), "{said}");
    // Flags given now go before.
    let more = ["--public-url", "https://other.example", "--practice", "0"];
    let mut third = Running::start(&[&["resume", text(&state)][..], &more].concat());
    assert!(third.join_link().starts_with("https://other.example/j/"));
}

#[test]
fn a_session_whose_flags_are_lost_is_not_opened_to_more_people() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let mut first = long(&state, &[]);
    first.hears("round   1");
    first.kill();
    std::fs::write(state.join("host.json"), "{").expect("it is there");
    let (status, _, said) = Running::start(&["resume", text(&state)]).end();
    assert!(!status.success() && said.contains("say it with --bind"), "{said}");
    let mut again = Running::start(&["resume", text(&state), "--bind", "127.0.0.1:0"]);
    again.hears("host   http://127.0.0.1:");
}

#[test]
fn ctrl_c_before_the_last_round_says_that_it_is_unfinished() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut session = long(&folder.path().join("state"), &["--exit", "--json"]);
    session.hears("state ");
    session.hears("round   1");
    session.interrupt();
    let (status, printed, said) = session.end();
    let summary: Value = serde_json::from_str(&printed).expect("a summary");
    assert_eq!((&summary["done"], &summary["rounds_asked"]), (&Value::from(false), &Value::from(1000)));
    assert!(!status.success() && said.contains("not finished"), "{said}");
}

#[test]
fn what_cannot_work_is_said_before_anything_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").expect("written");
    let absent = folder.path().join("no-browser");
    let no_browser = [("CHROME", text(&absent))];
    let nothing = [("CHROME", ""), ("PATH", text(folder.path()))];
    let cases: [Case; 8] = [
        (
            &["--min-clients", "5", "--max-clients", "2"],
            &[],
            "it takes 5 clients to start, and --max-clients 2 lets fewer in",
        ),
        (
            &["--practice", "3", "--max-clients", "2"],
            &[],
            "it takes 3 clients to start, and --max-clients 2 lets fewer in",
        ),
        (&["--tabs", "1"], &no_browser, "--tabs needs Chromium, and CHROME says"),
        (&["--tabs", "1"], &nothing, "--tabs needs Chromium: install it"),
        (&["--cert", text(&empty), "--key", text(&empty)], &[], "--cert and --key take PEM files"),
        (&["--public-url", "class.example"], &[], "https://class.example"),
        (&["--bind", "7070"], &[], "for example 0.0.0.0:7070"),
        (&["--bind", "192.0.2.9:7070"], &[], "choose another --bind"),
    ];
    for (flags, variables, why) in cases {
        let host = ["host", "--state", text(&state)];
        let (status, _, said) = Running::start_with(&[&host[..], flags].concat(), variables).end();
        assert!(!status.success() && said.contains(why), "{flags:?}: {said}");
        assert!(!state.exists(), "{flags:?}");
    }
}

#[test]
fn whoever_joins_over_https_takes_the_certificate_that_the_link_names_and_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let state = folder.path().join("state");
    let session = ["host", "--state", text(&state), "--rounds", "2", "--recipe", "fedavg", "--exit", "--json"];
    let crew = ["--min-clients", "1", "--practice", "0", "--bind", "127.0.0.1:0"];
    let mut host = Running::start(&[&session[..], &crew].concat());
    let line = host.hears("pleach join https://");
    let link = line.split_whitespace().last().expect("a link").to_owned();
    let (plain, fingerprint) = link.split_once("#cert=").expect("it names the certificate");
    assert_eq!(fingerprint.len(), 64);
    // Nobody whom browsers trust vouches for it, and another certificate is another machine's.
    let other = format!("{plain}#cert={}", "00".repeat(32));
    for untrusted in [plain, &other] {
        let (status, _, said) = Running::start(&["join", untrusted, "--device", "cpu"]).end();
        assert!(!status.success() && said.contains("certificate"), "{said}");
    }
    let (status, _, said) = Running::start(&["join", &link, "--device", "cpu"]).end();
    assert!(status.success() && said.contains("done after 2 rounds"), "{said}");
    let (status, printed, said) = host.end();
    assert!(status.success(), "{said}");
    let summary: Value = serde_json::from_str(&printed).expect("a summary");
    assert_eq!(summary["done"], true);
    // Kept for its owner alone, in the session's folder since that was named.
    let kept = std::fs::metadata(state.join("tls.json")).expect("it is kept");
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&kept.permissions()) & 0o777, 0o600);
}

#[test]
fn where_there_never_was_a_session_nobody_waits_for_ever() {
    // A port that was free a moment ago, and one where somebody else answers.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback has ports");
    let free = listener.local_addr().expect("it is bound");
    drop(listener);
    let (status, _, said) = Running::start(&["join", &format!("http://{free}/j/K7QX2M"), "--device", "cpu"]).end();
    assert!(!status.success() && said.contains("there is no session to be had at http://127.0.0.1:"), "{said}");
}
