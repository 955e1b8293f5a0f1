//! Keys: what a recipe may say, as data for forms.

use std::sync::LazyLock;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use protocol::reference;

/// Made once: the program is the version.
static KEYS: LazyLock<String> = LazyLock::new(reference::keys);

/// Every key of a recipe with its meaning, what it may be, range and default; the same for everybody.
pub(super) async fn keys() -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-cache")];
    (headers, KEYS.as_str()).into_response()
}
