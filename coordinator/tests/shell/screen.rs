//! The host's socket: nothing without the secret, everything with it.

use coordinator::found::Found;
use tokio_tungstenite::tungstenite::Message;

use crate::raw::{CODE, Raw, Served, served, setup};
use crate::tiny;

async fn host(served: &Served, code: &str, first: &str) -> Raw {
    let mut raw = Raw::connect(served.address, &format!("/ws/host/{code}"), None).await.expect("the socket opens");
    raw.message(Message::text(first)).await;
    raw
}

#[tokio::test]
async fn without_the_secret_nothing_is_shown_and_nothing_obeyed() {
    let served = served(setup()).await;
    let secret = &served.session.host_secret;
    let login = format!("{{\"secret\":\"{secret}\"}}");
    let cases = [
        (CODE, "{\"secret\":\"\"}".to_owned()),
        (CODE, "{\"secret\":\"00000000000000000000000000000000\"}".into()),
        (CODE, format!("{{\"secret\":\"{}\"}}", &secret[..31])),
        (CODE, "{\"order\":\"stop\"}".into()),
        (CODE, "{}".into()),
        (CODE, "stop".into()),
        ("NOBODY", login),
    ];
    for (code, first) in cases {
        let mut raw = host(&served, code, &first).await;
        let (close, reason) = raw.text().await.expect_err("nothing is shown");
        assert!(close == 1008 && reason == "stranger", "{first}: {close} {reason}");
    }
    assert!(served.session.views.borrow().phase != coordinator::session::Phase::Done);
}

#[tokio::test]
async fn the_host_sees_the_session_and_gives_orders() {
    let served = served(setup()).await;
    let (mut ada, welcome) = served.joined("Ada").await;
    assert_eq!(Found::from_text(&welcome.data).expect("data in codes"), tiny::settings().data);
    let mut raw = host(&served, CODE, &format!("{{\"secret\":\"{}\"}}", served.session.host_secret)).await;
    let view = raw.text().await.expect("a view");
    assert_eq!(view["code"], CODE);
    assert_eq!(view["join_url"], format!("http://{}/j/{CODE}", served.address));
    assert!(view["qr_svg"].as_str().is_some_and(|it| it.contains("<svg")));
    let csv = served.get(view["downloads"]["metrics.csv"].as_str().expect("a link")).await;
    assert!(csv.starts_with("HTTP/1.1 200 ") && csv.contains("round,cohort"), "{csv}");

    raw.message(Message::text("{\"order\":\"start\"}")).await;
    assert_eq!(ada.plan().await.round, 0);
    let mut open = view.clone();
    while open["phase"] != "collecting" {
        open = raw.text().await.expect("a view");
    }
    let left = open["seconds_left"].as_f64().expect("a round is open");
    assert!(left > 0.0 && left <= f64::from(tiny::settings().deadline_secs), "{left}");
    assert_eq!(open["data"]["named"]["name"], "two dots");
    raw.message(Message::text("{\"order\":\"stop\"}")).await;
    let mut last = view;
    while last["phase"] != "done" {
        last = raw.text().await.expect("a view");
    }
    assert_eq!(last["clients"][0]["name"], "Ada");
    let bytes = |of: &str| last["clients"][0][of].as_u64();
    assert!(bytes("bytes_down").is_some_and(|it| it > 20), "the plan: {last}");
    assert!(bytes("bytes_entry").is_some_and(|it| it > 100), "hello and welcome: {last}");

    raw.message(Message::text("{\"order\":\"dance\"}")).await;
    while let Ok(view) = raw.text().await {
        assert_eq!(view["phase"], "done");
    }
}
