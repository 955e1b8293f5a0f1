//! Words: types, ranges and defaults in readable form.

use serde_json::Value;

use super::shapes::{Shape, shape};
use crate::model::Stack;
use crate::settings::{ANY, Field};

/// Joins the lines of a doc comment into one paragraph.
pub(super) fn prose(lines: &[&str]) -> String {
    lines.iter().map(|it| it.trim()).collect::<Vec<_>>().join(" ")
}

/// A sentence after a colon: starts in lower case, unless it begins with a name or a formula.
pub(super) fn lowered(sentence: &str) -> String {
    let word: String = sentence.chars().take_while(|it| it.is_alphabetic()).collect();
    let is_plain = word.is_ascii() && word.chars().skip(1).all(char::is_lowercase) && (word.len() > 1 || word == "A");
    match sentence.chars().next() {
        Some(first) if is_plain => first.to_lowercase().chain(sentence.chars().skip(1)).collect(),
        Some(_) | None => sentence.to_owned(),
    }
}

/// Escapes text for a table cell.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Table row of a key.
pub(super) fn row(field: &Field) -> String {
    let kind = value(field.kind).unwrap_or_else(|| field.kind.into());
    let range = if field.allowed == ANY { String::new() } else { format!(", {}", field.allowed) };
    let default = field.default.map_or("*required*".into(), |it| default(&it()));
    format!("| `{}` | {} | {}{range} | {default} |", field.name, cell(&prose(field.about)), cell(&kind))
}

/// Describes the values of a Rust type; `None` if recipes have no such type.
pub(super) fn value(kind: &str) -> Option<String> {
    let kind = kind.strip_prefix("Option<").and_then(|it| it.strip_suffix('>')).unwrap_or(kind);
    match kind {
        "NonZeroU8" | "NonZeroU16" => Some("whole number from 1".into()),
        "Alpha" | "Strength" => Some("number above 0".into()),
        _ => shape(kind).map(|it| said(&it)),
    }
}

fn said(shape: &Shape) -> String {
    let quoted = |names: &[&str]| names.iter().map(|it| format!("`\"{it}\"`")).collect::<Vec<_>>().join(", ");
    match shape {
        Shape::Whole => "whole number".into(),
        Shape::Number => "number".into(),
        Shape::Switch => "`true` or `false`".into(),
        Shape::Text => "text".into(),
        Shape::Sample => "shape such as `[784]`, or `\"data\"` for flat samples of the data's length".into(),
        Shape::List { of } => format!("list of: {}", said(of)),
        Shape::Table { of } => format!("[table](#{of})"),
        Shape::Entry { of, .. } => format!("[entry](#{of})"),
        Shape::Word { of, names } => format!("[{}](#{of})", quoted(names)),
    }
}

/// A default as written in a recipe.
fn default(json: &str) -> String {
    let value: Value = serde_json::from_str(json).expect("defaults are JSON");
    match &value {
        Value::Null => "–".into(),
        Value::Object(keys) => match keys.get("kind").and_then(Value::as_str) {
            Some(kind) => format!("`{kind}`"),
            None => "–".into(),
        },
        Value::Array(all) if all.is_empty() => "empty".into(),
        Value::Array(_) | Value::String(_) | Value::Number(_) | Value::Bool(_) => format!("`{json}`"),
    }
}

/// Input and number of weights of a model.
pub(super) fn size(stack: &Stack) -> String {
    let weights = stack.check().map_or(0, |it| it.graph().n_trained());
    format!("samples of {:?}, {} weights", stack.input, grouped(weights))
}

/// A number with its digits grouped in threes.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let threes: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|it| std::str::from_utf8(it).ok()).collect();
    threes.join(",")
}
