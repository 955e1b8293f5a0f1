//! Pages: what the browser loads, all of it embedded; there is no file system behind any address.

use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use rust_embed::{Embed, EmbeddedFile};

/// The page as `cargo xtask page` left it.
#[derive(Embed)]
#[folder = "../www/"]
#[allow_missing = true]
struct Page;

/// What a visitor reads when the program was compiled without a page.
const NOT_BUILT: &str = "the page is not built: run `cargo xtask page`, then start the coordinator again\n";

/// The page that joins a session; without a code it asks for one.
pub(super) async fn join(headers: HeaderMap) -> Response {
    document("join/index.html", &headers)
}

/// The host screen; its files lie beside it, and have a dot in their names, which codes do not.
pub(super) async fn host(uri: Uri, headers: HeaderMap) -> Response {
    if uri.path().contains('.') {
        return asset(uri, headers).await;
    }
    document("host/index.html", &headers)
}

/// Scripts, styles, pictures and the compiled client.
pub(super) async fn asset(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    // The compressed twins are answers, not addresses.
    let found = (!path.ends_with(".br")).then(|| Page::get(path)).flatten();
    found.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |it| file(path, &it, &headers))
}

fn document(name: &str, headers: &HeaderMap) -> Response {
    let is_built = Page::iter().any(|it| it.starts_with("pkg/"));
    match Page::get(name).filter(|_| is_built) {
        Some(it) => file(name, &it, headers),
        None => (StatusCode::SERVICE_UNAVAILABLE, NOT_BUILT).into_response(),
    }
}

fn file(path: &str, plain: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let twin = match path.strip_prefix("pkg/") {
        Some(_) => format!("{path}.br"),
        None => format!("pkg/br/{path}.br"),
    };
    let compressed = Page::get(&twin).filter(|_| accepts_brotli(headers));
    let served = compressed.as_ref().unwrap_or(plain);
    let etag = format!("\"{}\"", protocol::hex::text(&served.metadata.sha256_hash()[..16]));
    let mut answer = HeaderMap::new();
    let text = |it: &str| HeaderValue::from_str(it).expect("it is plain ASCII");
    answer.insert(ETAG, text(&etag));
    // The program is the version: ask every time, answer with nothing when nothing has changed.
    answer.insert(CACHE_CONTROL, text("no-cache"));
    answer.insert(VARY, text("accept-encoding"));
    let known = headers.get(IF_NONE_MATCH).and_then(|it| it.to_str().ok());
    if known.is_some_and(|it| it.split(',').any(|it| it.trim().trim_start_matches("W/") == etag)) {
        return (StatusCode::NOT_MODIFIED, answer).into_response();
    }
    let mut kind = mime_guess::from_path(path).first_or_octet_stream().to_string();
    if kind.starts_with("text/") {
        kind.push_str("; charset=utf-8");
    }
    answer.insert(CONTENT_TYPE, text(&kind));
    if compressed.is_some() {
        answer.insert(CONTENT_ENCODING, text("br"));
    }
    (answer, served.data.to_vec()).into_response()
}

fn accepts_brotli(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|it| it.to_str().ok());
    accepted.flat_map(|it| it.split(',')).any(|it| {
        let (name, quality) = it.split_once(';').unwrap_or((it, ""));
        name.trim() == "br" && !["q=0", "q=0.0"].contains(&quality.trim())
    })
}
