//! Routes: every address there is, who may ask for it, and the headers that every answer carries.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Extension, Path, Request, State};
use axum::http::header::{CACHE_CONTROL, HOST, HeaderName, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};

use serde::Serialize;

use super::{App, Scheme, client, downloads, keys, pages, screen};
use crate::showing::Base;
use crate::traffic::Traffic;

/// Most bytes of a WebSocket message from outside: a frame of ours has 16 KiB.
const MESSAGE_LIMIT: usize = 64 * 1024;

/// Longest origin that hosts are told.
const ORIGIN_LIMIT: usize = 100;

/// Everything comes from the coordinator itself; nothing may be framed, and no form is sent anywhere.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
     form-action 'none'";

const HEADERS: [(&str, &str); 5] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

pub(super) fn router(app: App) -> Router {
    Router::new()
        .route("/", get(pages::join))
        .route("/j/{code}", get(pages::join))
        .route("/host/{code}", get(pages::host))
        .route("/ws/{code}", get(client_socket))
        .route("/ws/host/{code}", get(host_socket))
        .route("/s/{code}/download/{file}", get(downloads::download))
        .route("/keys.json", get(keys::keys))
        .route("/origin", post(origin))
        .route("/https.json", get(https))
        .route("/health", get(async || "ok\n"))
        .fallback(get(pages::asset))
        .layer(from_fn_with_state(app.clone(), addressed))
        .layer(map_response(secured))
        .with_state(app)
}

async fn secured(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

/// Answers only who asks for this machine: a name that somebody else's server answers for may have been turned to our
/// address, and a page from there would pass for one of ours (DNS rebinding).
async fn addressed(State(app): State<App>, request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).map(|it| it.to_str().ok().and_then(|it| it.parse::<Authority>().ok()));
    match host {
        Some(Some(it)) if !is_ours(&app, it.host()) => misdirected(&it),
        Some(None) => (StatusCode::BAD_REQUEST, "the Host header cannot be read\n").into_response(),
        Some(Some(_)) | None => next.run(request).await,
    }
}

/// Whether a host's name can only mean this machine.
fn is_ours(app: &App, host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let limits = &app.coordinator.limits;
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    let public = limits.public_url.as_deref().and_then(|it| it.parse::<Uri>().ok());
    literal.parse::<IpAddr>().is_ok()
        || host == "localhost"
        || host.ends_with(".localhost")
        || limits.names.contains(&host)
        || public.is_some_and(|it| it.host().is_some_and(|it| it.eq_ignore_ascii_case(&host)))
}

fn misdirected(host: &Authority) -> Response {
    let text = format!(
        "this coordinator does not answer as {host}: open it at an address that it printed, \
         or start it with --public-url http://{host}\n"
    );
    (StatusCode::MISDIRECTED_REQUEST, text).into_response()
}

async fn client_socket(
    State(app): State<App>,
    Path(code): Path<String>,
    Extension(traffic): Extension<Arc<Traffic>>,
    Extension(scheme): Extension<Scheme>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !is_own_origin(&app, scheme, &headers) {
        return foreign(&app, &code, &headers).await;
    }
    // What the connection carried before it became a socket is the page's, not the session's.
    traffic.take();
    limited(upgrade)
        .max_write_buffer_size(MESSAGE_LIMIT)
        .on_upgrade(async move |socket| client::attend(socket, app, &code, traffic).await)
}

async fn host_socket(
    State(app): State<App>,
    Path(code): Path<String>,
    Extension(scheme): Extension<Scheme>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !is_own_origin(&app, scheme, &headers) {
        return foreign(&app, &code, &headers).await;
    }
    let limits = &app.coordinator.limits;
    let origin = limits.public_url.clone().or_else(|| own_origin(scheme, &headers)).unwrap_or_default();
    let base = Base { origin, reach: limits.reach.clone() };
    limited(upgrade).on_upgrade(async move |socket| screen::attend(socket, app, &code, &base).await)
}

/// Small buffers, and nothing kept back: a socket costs what it carries.
fn limited(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade.read_buffer_size(4096).write_buffer_size(0).max_message_size(MESSAGE_LIMIT).max_frame_size(MESSAGE_LIMIT)
}

/// Whether a page may open sockets: scripts do not learn why one was refused.
async fn origin(State(app): State<App>, Extension(scheme): Extension<Scheme>, headers: HeaderMap) -> StatusCode {
    if is_own_origin(&app, scheme, &headers) { StatusCode::NO_CONTENT } else { StatusCode::FORBIDDEN }
}

/// A way to the page over HTTPS.
#[derive(Serialize)]
struct Secure {
    origin: String,
    /// Whether browsers warn of its certificate, since nobody vouches for it.
    warns: bool,
}

/// Where the page is to be had over HTTPS, if anywhere.
async fn https(State(app): State<App>, headers: HeaderMap) -> Response {
    let public = app.coordinator.limits.public_url.clone().filter(|it| it.starts_with("https://"));
    let secure = match public {
        Some(origin) => Some(Secure { origin, warns: false }),
        None => app
            .is_own_certificate
            .zip(own_origin(Scheme::Https, &headers))
            .map(|(warns, origin)| Secure { origin, warns }),
    };
    ([(CACHE_CONTROL, "no-cache")], Json(secure)).into_response()
}

/// Refuses a page's socket, and lets the host of the session know of it.
async fn foreign(app: &App, code: &str, headers: &HeaderMap) -> Response {
    if let Some(session) = app.coordinator.session(code) {
        let origin = headers.get(ORIGIN).and_then(|it| it.to_str().ok()).unwrap_or_default();
        session.turn_page_away(origin.chars().take(ORIGIN_LIMIT).collect()).await;
    }
    (StatusCode::FORBIDDEN, "only pages of this coordinator may open its sockets\n").into_response()
}

/// Whether the page that asks is ours. Programs that are no browsers send no origin at all.
fn is_own_origin(app: &App, scheme: Scheme, headers: &HeaderMap) -> bool {
    let mut origins = headers.get_all(ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (None, _) => true,
        (Some(origin), None) => {
            let public = app.coordinator.limits.public_url.as_deref();
            let own = own_origin(scheme, headers);
            origin.to_str().is_ok_and(|it| Some(it) == own.as_deref() || Some(it) == public)
        }
        (Some(_), Some(_)) => false,
    }
}

/// What a browser calls the page that was loaded from here; it leaves out the port that its scheme has anyway.
fn own_origin(scheme: Scheme, headers: &HeaderMap) -> Option<String> {
    let host = headers.get(HOST).and_then(|it| it.to_str().ok())?;
    let (scheme, usual) = match scheme {
        Scheme::Http => ("http", ":80"),
        Scheme::Https => ("https", ":443"),
    };
    Some(format!("{scheme}://{}", host.strip_suffix(usual).unwrap_or(host)))
}
