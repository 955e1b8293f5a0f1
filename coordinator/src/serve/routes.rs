//! Routes: every address there is, who may ask for it, and the headers that every answer carries.

use std::sync::Arc;

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Extension, Path, State};
use axum::http::header::{HOST, HeaderName, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::{App, client, downloads, keys, pages, screen};
use crate::traffic::Traffic;

/// Most bytes of a WebSocket message from outside: a frame of ours has 16 KiB.
const MESSAGE_LIMIT: usize = 64 * 1024;

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
        .route("/health", get(async || "ok\n"))
        .fallback(get(pages::asset))
        .layer(map_response(secured))
        .with_state(app)
}

async fn secured(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

async fn client_socket(
    State(app): State<App>,
    Path(code): Path<String>,
    Extension(traffic): Extension<Arc<Traffic>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !is_own_origin(&app, &headers) {
        return foreign();
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
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !is_own_origin(&app, &headers) {
        return foreign();
    }
    let base = app.coordinator.limits.public_url.clone().or_else(|| own_origin(&headers)).unwrap_or_default();
    limited(upgrade).on_upgrade(async move |socket| screen::attend(socket, app, &code, &base).await)
}

/// Small buffers, and nothing kept back: a socket costs what it carries.
fn limited(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade.read_buffer_size(4096).write_buffer_size(0).max_message_size(MESSAGE_LIMIT).max_frame_size(MESSAGE_LIMIT)
}

fn foreign() -> Response {
    (StatusCode::FORBIDDEN, "only pages of this coordinator may open its sockets\n").into_response()
}

/// Whether the page that asks is ours. Programs that are no browsers send no origin at all.
fn is_own_origin(app: &App, headers: &HeaderMap) -> bool {
    let mut origins = headers.get_all(ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (None, _) => true,
        (Some(origin), None) => {
            let public = app.coordinator.limits.public_url.as_deref();
            let own = own_origin(headers);
            origin.to_str().is_ok_and(|it| Some(it) == own.as_deref() || Some(it) == public)
        }
        (Some(_), Some(_)) => false,
    }
}

fn own_origin(headers: &HeaderMap) -> Option<String> {
    headers.get(HOST).and_then(|it| it.to_str().ok()).map(|it| format!("http://{it}"))
}
