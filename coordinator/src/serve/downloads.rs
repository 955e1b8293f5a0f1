//! Downloads: model and metrics for whoever has the host's secret or a token that the host screen was given.

use std::collections::BTreeMap;
use std::time::SystemTime;

use axum::extract::{Path, Query, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::App;
use crate::export::FILES;
use crate::host::Handle;
use crate::secret;

/// Seconds for which a token is good at least, and at most twice as long: a day of teaching on one screen.
const TOKEN_SECS: u64 = 6 * 3600;

#[derive(Deserialize)]
pub(super) struct Permission {
    token: Option<String>,
}

/// Addresses of the downloads, by file name.
pub(super) fn file_links(session: &Handle) -> BTreeMap<&'static str, String> {
    let link = |it| format!("/s/{}/download/{it}?token={}", session.code, token(session));
    FILES.into_iter().map(|it| (it, link(it))).collect()
}

pub(super) async fn download(
    State(app): State<App>,
    Path((code, file)): Path<(String, String)>,
    Query(permission): Query<Permission>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    let session = permitted(&app, &code, &permission, &headers)?;
    let bytes = session.export(&file).ok_or(StatusCode::NOT_FOUND)?;
    let kind = match file.rsplit_once('.') {
        Some((_, "csv")) => "text/csv; charset=utf-8",
        Some((_, "jsonl")) => "application/jsonl",
        Some(_) | None => "application/octet-stream",
    };
    let name = format!("attachment; filename=\"pleach-{}-{file}\"", session.code);
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store"), (CONTENT_DISPOSITION, name.as_str())];
    Ok((headers, bytes).into_response())
}

/// The session, for whoever may see it; a stranger does not learn whether it exists.
fn permitted(app: &App, code: &str, permission: &Permission, headers: &HeaderMap) -> Result<Handle, StatusCode> {
    let bearer = headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok()).and_then(|it| it.strip_prefix("Bearer "));
    let is_allowed = |it: &Handle| {
        bearer.is_some_and(|bearer| secret::is_same(bearer.as_bytes(), it.host_secret.as_bytes()))
            || permission.token.as_deref().is_some_and(|token| secret::is_download_token(&it.host_secret, token, now()))
    };
    app.coordinator.session(code).filter(is_allowed).ok_or(StatusCode::UNAUTHORIZED)
}

fn token(session: &Handle) -> String {
    secret::download_token(&session.host_secret, (now() / TOKEN_SECS + 2) * TOKEN_SECS)
}

fn now() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().map_or(0, |it| it.as_secs())
}
