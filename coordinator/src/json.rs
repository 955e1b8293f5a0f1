//! JSON: what a session writes and sends, all of which has text for keys.

use serde::Serialize;

/// A value as one line.
pub(crate) fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("what is written has text for keys")
}

/// A value as a line of a file, with its end.
pub(crate) fn line(value: &impl Serialize) -> String {
    text(value) + "\n"
}
