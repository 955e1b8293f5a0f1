//! JSON: what a session writes and sends, all of which has text for keys and is plain data.

use serde::Serialize;

/// A value as one line.
///
/// # Panics
/// If the value has keys that are no text.
pub fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("what is written has text for keys")
}

/// A value as a line of a file, with its end.
pub(crate) fn line(value: &impl Serialize) -> String {
    text(value) + "\n"
}
