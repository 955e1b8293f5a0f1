//! The reference describes every key in words.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::*;
use crate::settings::Setting;

/// Reads a value and checks its ranges, as for recipes.
pub(super) fn read<T: DeserializeOwned + Setting>(value: &Value) -> Result<(), String> {
    let it: T = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    let mut problems = vec![];
    it.check_all("", &mut problems);
    problems.first().map_or(Ok(()), |it| Err(it.to_string()))
}

/// Every key of every table and entry.
fn fields() -> impl Iterator<Item = &'static Field> {
    let entries = REGISTRIES.iter().flat_map(|it| it.entries).flat_map(|it| it.fields);
    TABLES.iter().flat_map(|it| it.fields).chain(entries)
}

#[test]
fn every_type_has_words_and_every_key_a_meaning() {
    for it in fields() {
        assert!(words::value(it.kind).is_some(), "{}: what is a {}?", it.name, it.kind);
        assert!(prose(it.about).ends_with(['.', ')']), "{}: {:?}", it.name, it.about);
    }
    for entry in REGISTRIES.iter().flat_map(|it| it.entries) {
        assert!(prose(entry.about).len() > 12, "{} has no sentence", entry.name);
    }
}

#[test]
fn every_link_leads_to_a_heading() {
    let page = markdown(&[]);
    let headings: Vec<String> = page.lines().filter_map(|it| it.strip_prefix("## ")).map(shapes::anchor).collect();
    let links: Vec<&str> = page.split("](#").skip(1).filter_map(|it| it.split_once(')')).map(|it| it.0).collect();
    assert!(links.len() > 50 && links.iter().all(|it| headings.iter().any(|heading| heading == it)), "{links:?}");
}

#[test]
fn tables_have_as_many_cells_in_every_row() {
    for row in markdown(&[]).lines().filter(|it| it.starts_with('|')) {
        let cells = row.replace("\\|", "").matches('|').count();
        assert!(cells == 5 || cells == 4, "{row}");
    }
}

#[test]
fn a_key_says_meaning_range_and_default_as_they_would_be_typed() {
    let row = |table: &[Field], name: &str| row(table.iter().find(|it| it.name == name).expect("a key"));
    let local = TypedLocal::FIELDS;
    assert_eq!(row(local, "batch"), "| `batch` | Samples per step. | whole number, from 1 to 65535 | *required* |");
    assert!(row(local, "held_out").ends_with("| number, from 0 to 0.5 | `0.1` |"));
    assert!(row(local, "memory").ends_with("| [`\"fresh\"`, `\"kept\"`](#memory) | `\"fresh\"` |"));
    assert!(row(TypedCoding::FIELDS, "up").ends_with("| [entry](#codecs) | `f32` |"));
    assert!(row(RawRecipe::FIELDS, "stage").ends_with("| list of: [table](#a-stage) | empty |"));
}
