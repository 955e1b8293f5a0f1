//! Pages and downloads over plain HTTP.

use crate::raw::{CODE, served, setup};

#[tokio::test]
async fn there_is_no_file_system_behind_any_address() {
    let served = served(setup()).await;
    let paths = [
        "/../Cargo.toml",
        "/pkg/../../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/..%2fCargo.toml",
        "/%2e%2e%2fCargo.toml",
        "/..%5cCargo.toml",
        "/pkg/%2e%2e/%2e%2e/Cargo.toml",
        "//etc/passwd",
        "/etc/passwd",
        "/%00",
        "/index.html%00.js",
        "/pkg/",
        "/.git/config",
        "/s/TEST01/download/../../../etc/passwd",
        "/nothing",
    ];
    for path in paths {
        let answer = served.get(path).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
    }
}

#[tokio::test]
async fn every_answer_forbids_what_we_do_not_need() {
    let served = served(setup()).await;
    for path in ["/", "/j/TEST01", "/host/TEST01", "/health", "/nothing"] {
        let answer = served.get(path).await.to_ascii_lowercase();
        for header in [
            "content-security-policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'",
            "frame-ancestors 'none'",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
        ] {
            assert!(answer.contains(header), "{path}: {header}: {answer}");
        }
    }
}

#[tokio::test]
async fn the_page_is_there_or_says_how_to_build_it() {
    let served = served(setup()).await;
    for path in ["/", "/j/TEST01", "/host/TEST01"] {
        let answer = served.get(path).await;
        let is_built = answer.starts_with("HTTP/1.1 200 ") && answer.contains("content-type: text/html; charset=utf-8");
        let is_explained = answer.starts_with("HTTP/1.1 503 ") && answer.contains("cargo xtask page");
        assert!(is_built || is_explained, "{path}: {answer}");
    }
}

#[tokio::test]
async fn what_a_recipe_may_say_is_served_as_data() {
    let answer = served(setup()).await.get("/keys.json").await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("content-type: application/json"), "{answer}");
    let body = answer.split_once("\r\n\r\n").expect("a body").1;
    assert_eq!(body, protocol::reference::keys());
}

#[tokio::test]
async fn an_asset_that_has_not_changed_is_not_sent_again() {
    let served = served(setup()).await;
    let answer = served.get("/style.css").await;
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.contains("content-type: text/css; charset=utf-8"),
        "{answer}"
    );
    let etag = answer.lines().find_map(|it| it.strip_prefix("etag: ")).expect("an etag");
    let again = served.ask("/style.css", &format!("If-None-Match: {etag}\r\n")).await;
    assert!(again.starts_with("HTTP/1.1 304 ") && again.ends_with("\r\n\r\n"), "{again}");
    // Without a compressed twin, or without a word about brotli, what is sent is plain.
    assert!(!served.get("/style.css").await.contains("content-encoding"));
}

#[tokio::test]
async fn downloads_are_for_the_host_alone() {
    let served = served(setup()).await;
    let secret = served.session.host_secret.clone();
    for file in ["compact.safetensors", "dense.safetensors", "metrics.csv", "metrics.jsonl"] {
        let path = format!("/s/{CODE}/download/{file}");
        let tries = ["", "Authorization: Bearer \r\n", "Authorization: Bearer 00000000000000000000000000000000\r\n"];
        for headers in tries {
            assert!(served.ask(&path, headers).await.starts_with("HTTP/1.1 401 "), "{file} {headers}");
        }
        assert!(served.get(&format!("{path}?token=99999999999-00")).await.starts_with("HTTP/1.1 401 "), "{file}");
        let answer = served.ask(&path, &format!("Authorization: Bearer {secret}\r\n")).await;
        assert!(
            answer.starts_with("HTTP/1.1 200 ") && answer.contains("attachment; filename=\"pleach-TEST01-"),
            "{answer}"
        );
    }
    assert!(served.get("/s/NOBODY/download/metrics.csv").await.starts_with("HTTP/1.1 401 "));
}
