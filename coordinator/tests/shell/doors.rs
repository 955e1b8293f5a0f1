//! At the door: whoever says the wrong thing is told why and sent away, and the session does not change.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use coordinator::FOREIGN;
use coordinator::host::Limits;
use coordinator::session::Problem;
use protocol::drafts;
use protocol::mask::Mask;
use protocol::wire::{self, Down, Hello, MaskOn, Plan, Refusal, Standby, Up, VERSION};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::http::StatusCode;

use crate::raw::{CODE, Raw, Served, hello, served, served_within, setup};
use crate::tiny;

const POLICY: u16 = 1008;

#[tokio::test]
async fn bad_hellos_are_refused_with_the_reason() {
    let served = served(setup()).await;
    let newer = Hello { version: VERSION + 1, ..hello() };
    let full = MaskOn::new(&Mask::full(4));
    let plan = Plan { vote: Some(vec![1]), ..drafts::plan(full) };
    let whole = wire::encode(&Up::Hello(hello()));
    let cases = [
        (wire::encode(&Up::Hello(newer)), Refusal::WrongVersion { client: VERSION + 1, server: VERSION }),
        (whole[..whole.len() - 1].to_vec(), Refusal::Malformed),
        ([whole.as_slice(), &[0]].concat(), Refusal::Malformed),
        (vec![], Refusal::Malformed),
        (vec![0xFF; 30], Refusal::Malformed),
        (wire::encode(&Up::Leave), Refusal::Malformed),
        (wire::encode(&Up::Contribution(tiny::contribution(&plan, 0.1))), Refusal::OutOfTurn),
        (vec![0; 5000], Refusal::TooLarge { claimed: 5000, allowed: 4096 }),
    ];
    for (bytes, refusal) in cases {
        let mut raw = served.client().await;
        raw.bytes(&bytes).await;
        assert_eq!((raw.refusal().await, raw.receive().await), (refusal, Err(POLICY)));
    }
    let mut refusals = served.session.views.clone();
    let all_counted = refusals.wait_for(|it| it.refusals.values().sum::<u64>() == 8).await.expect("the room is open");
    assert!(all_counted.clients.is_empty());
}

#[tokio::test]
async fn an_oversized_message_is_refused_by_its_header() {
    let served = served(setup()).await;
    let mut raw = served.client().await;
    raw.message(Message::binary(u32::MAX.to_le_bytes().to_vec())).await;
    assert_eq!(raw.refusal().await, Refusal::TooLarge { claimed: u32::MAX.into(), allowed: 4096 });
    let (mut raw, _) = served.joined("Ada").await;
    raw.message(Message::binary(1_000_000_u32.to_le_bytes().to_vec())).await;
    assert_eq!(raw.refusal().await, Refusal::TooLarge { claimed: 1_000_000, allowed: 345 });
    assert_eq!(raw.receive().await, Err(POLICY));
}

#[tokio::test]
async fn what_is_no_message_of_ours_ends_the_connection() {
    let served = served(setup()).await;
    let mut raw = served.client().await;
    raw.message(Message::text("hello")).await;
    assert_eq!((raw.refusal().await, raw.receive().await), (Refusal::Malformed, Err(POLICY)));
    let (mut raw, _) = served.joined("Ada").await;
    raw.send(&Up::Hello(hello())).await;
    assert_eq!((raw.refusal().await, raw.receive().await), (Refusal::OutOfTurn, Err(POLICY)));
    // A WebSocket frame beyond all limits is not even read.
    let mut raw = served.client().await;
    raw.message(Message::binary(vec![0; 100_000])).await;
    assert!(raw.receive().await.is_err());
}

#[tokio::test]
async fn an_unknown_session_says_so() {
    let served = served(setup()).await;
    let mut raw = Raw::connect(served.address, "/ws/NOBODY", None).await.expect("the socket opens");
    raw.send(&Up::Hello(hello())).await;
    assert_eq!((raw.refusal().await, raw.receive().await), (Refusal::UnknownSession, Err(POLICY)));
}

#[tokio::test]
async fn a_code_is_found_as_people_type_it() {
    let served = served(setup()).await;
    let mut raw = Raw::connect(served.address, "/ws/testOi", None).await.expect("the socket opens");
    assert_eq!(raw.join(hello()).await.client, 0);
}

#[tokio::test]
async fn a_full_session_says_so_and_keeps_no_trace() {
    let served = served(setup()).await;
    let mut seated = Vec::new();
    for name in ["Ada", "Bob", "Cy"] {
        seated.push(served.joined(name).await);
    }
    let mut raw = served.client().await;
    raw.send(&Up::Hello(hello())).await;
    assert_eq!((raw.refusal().await, raw.receive().await), (Refusal::Full { max: 3 }, Err(POLICY)));
    let names: Vec<u32> = seated.iter().map(|it| it.1.client).collect();
    assert_eq!(names, [0, 1, 2]);
}

#[tokio::test]
async fn only_our_own_page_may_open_sockets() {
    let served = served(setup()).await;
    let own = format!("http://{}", served.address);
    let port = served.address.port();
    let foreign = [
        "http://evil.example".to_owned(),
        "null".into(),
        format!("{own}.evil.example"),
        format!("{own}1"),
        format!("https://{}", served.address),
        format!("http://evil.example:{port}"),
        "http://127.0.0.1".into(),
        format!("{own}/"),
        String::new(),
    ];
    for path in [format!("/ws/{CODE}"), format!("/ws/host/{CODE}")] {
        for origin in &foreign {
            let status = Raw::connect(served.address, &path, Some(origin)).await.err();
            assert_eq!(status, Some(StatusCode::FORBIDDEN), "{path} {origin}");
        }
        assert!(Raw::connect(served.address, &path, Some(&own)).await.is_ok());
        assert!(Raw::connect(served.address, &path, None).await.is_ok());
    }
}

/// What a page at `origin` is told that asks a coordinator behind https://class.example for a socket, by this host.
async fn told(served: &Served, origin: &str, host: &str, more: &[(&'static str, &str)]) -> u16 {
    let headers = [&[("origin", origin), ("host", host)], more].concat();
    let opened = Raw::connect_with(served.address, &format!("/ws/{CODE}"), &headers).await;
    opened.err().map_or(101, |it| it.as_u16())
}

#[tokio::test]
async fn a_page_behind_a_proxy_is_ours_where_the_host_says_so() {
    let public_url = Some("https://class.example".to_owned());
    let served = served_within(Limits { public_url, ..Limits::default() }, setup()).await;
    let own = served.address.to_string();
    let direct = format!("http://{own}");
    let forwarded = [
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example;proto=https"),
    ];
    assert_eq!(
        told(&served, "https://class.example", "class.example", &forwarded[..1]).await,
        101,
        "the Host is passed on"
    );
    assert_eq!(told(&served, "https://class.example", &own, &[]).await, 101, "a proxy that asks by its own name");
    assert_eq!(told(&served, &direct, &own, &[]).await, 101, "past the proxy");
    for evil in [
        "https://evil.example",
        "http://class.example",
        "https://class.example.evil.example",
        "https://class.example:444",
    ] {
        assert_eq!(told(&served, evil, &own, &forwarded).await, 403, "{evil}");
        assert_eq!(
            told(&served, evil, "class.example", &forwarded).await,
            if evil == "http://class.example" { 101 } else { 403 }
        );
    }
}

#[tokio::test]
async fn a_name_that_others_answer_for_is_not_ours() {
    let names = vec!["laptop.local".to_owned()];
    let served = served_within(Limits { names, ..Limits::default() }, setup()).await;
    let port = served.address.port();
    for host in ["127.0.0.1", "[::1]", "192.168.1.20", "localhost", "Laptop.local", "laptop.local."] {
        let host = format!("{host}:{port}");
        assert_eq!(told(&served, &format!("http://{host}"), &host, &[]).await, 101, "{host}");
    }
    // A page of evil.example, whose name was turned to this address after it was loaded.
    for host in ["evil.example", "laptop.local.evil.example", "127.0.0.1.evil.example", "laptop"] {
        let host = format!("{host}:{port}");
        assert_eq!(told(&served, &format!("http://{host}"), &host, &[]).await, 421, "{host}");
        let page = served.bare("GET /", &format!("Host: {host}\r\n")).await;
        assert!(page.starts_with("HTTP/1.1 421 ") && page.contains(&format!("--public-url http://{host}")), "{page}");
    }
    assert!(served.bare("GET /", "Host: evil example\r\n").await.starts_with("HTTP/1.1 400 "));
}

#[tokio::test]
async fn a_page_that_is_refused_can_ask_why_and_the_host_sees_it() {
    let served = served(setup()).await;
    let own = served.address.to_string();
    let ask = async |origin: &str| served.bare("POST /origin", &format!("Host: {own}\r\nOrigin: {origin}\r\n")).await;
    assert!(ask(&format!("http://{own}")).await.starts_with("HTTP/1.1 204 "));
    assert!(ask("https://class.example").await.starts_with("HTTP/1.1 403 "));
    assert_eq!(told(&served, "https://class.example", &own, &[]).await, 403);
    let mut views = served.session.views.clone();
    let is_told =
        |it: &Option<Problem>| matches!(it, Some(Problem::ForeignPage { detail }) if detail == "https://class.example");
    let view = views.wait_for(|it| is_told(&it.problem)).await.expect("the room is open").clone();
    assert_eq!(view.refusals.get(FOREIGN), Some(&1));
    // Once somebody has found the way in, the host knows what there is to know.
    let _seat = served.joined("Ada").await;
    let view = views.wait_for(|it| it.problem.is_none()).await.expect("the room is open").clone();
    assert_eq!(view.refusals.get(FOREIGN), Some(&1));
    // Without the code nobody is told anything.
    let elsewhere = Raw::connect(served.address, "/ws/NOBODY", Some("https://evil.example")).await;
    assert_eq!(elsewhere.err(), Some(StatusCode::FORBIDDEN));
}

#[tokio::test]
async fn a_known_token_takes_the_old_connection_over() {
    let served = served(setup()).await;
    let (mut old, welcome) = served.joined("Ada").await;
    let mut new = served.client().await;
    let again = new.join(Hello { token: Some(welcome.token), ..hello() }).await;
    assert_eq!((again.client, again.token), (welcome.client, welcome.token));
    assert_eq!((old.refusal().await, old.receive().await), (Refusal::TakenOver, Err(POLICY)));
    // The old connection's end is not the client's.
    let (_, other) = served.joined("Bob").await;
    assert_eq!((other.client, new.plan().await.round), (1, 0));
    // A token that nobody gave out is a new client.
    let mut stranger = served.client().await;
    assert_eq!(stranger.join(Hello { token: Some([7; 16]), ..hello() }).await.client, 2);
}

#[tokio::test]
async fn somebody_who_leaves_is_gone_at_once() {
    let served = served(setup()).await;
    let (mut ada, _) = served.joined("Ada").await;
    assert_eq!(ada.receive().await, Ok(Down::Standby(Standby::Lobby { joined: 1, needed: 2 })));
    ada.send(&Up::Leave).await;
    assert_eq!(ada.receive().await, Err(1000));
    let mut views = served.session.views.clone();
    let gone = |it: &coordinator::session::ClientView| it.state == coordinator::session::MemberState::Gone;
    views.wait_for(|it| it.clients.iter().any(gone)).await.expect("the room is open");
}

#[tokio::test]
async fn half_a_request_is_closed_within_six_seconds() {
    let served = served(setup()).await;
    let started = Instant::now();
    let address = served.address;
    let waited = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(address).expect("it listens");
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n").expect("it reads");
        stream.set_read_timeout(Some(Duration::from_secs(8))).expect("a timeout");
        // An answer is fine, hanging on is not.
        stream.read_to_end(&mut Vec::new()).expect("closed in time");
    });
    waited.await.expect("closed");
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_socket_that_says_nothing_is_closed_within_eleven_seconds() {
    let served = served(setup()).await;
    let started = Instant::now();
    let mut raw = served.client().await;
    let mut host = Raw::connect(served.address, &format!("/ws/host/{CODE}"), None).await.expect("the socket opens");
    assert_eq!(raw.receive().await, Err(1013));
    assert_eq!(host.text().await.err().map(|it| it.0), Some(1013));
    assert!(started.elapsed() < Duration::from_secs(11), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_coordinator_that_stops_tells_everyone() {
    let served = served(setup()).await;
    let (mut ada, _) = served.joined("Ada").await;
    let mut silent = served.client().await;
    let started = Instant::now();
    served.stop.send(()).expect("it runs");
    assert_eq!(ada.receive().await, Ok(Down::Standby(Standby::Lobby { joined: 1, needed: 2 })));
    assert_eq!((ada.receive().await, silent.receive().await), (Err(1012), Err(1012)));
    served.ended.await.expect("it ends");
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}
