//! Keys: the reference as data, from which a form can be generated.

use serde::Serialize;
use serde_json::{Number, Value};

use super::shapes::{Shape, anchor, held, shape};
use super::words::prose;
use super::{REGISTRIES, TABLES, VOCABULARIES};
use crate::models::{self, Maker};
use crate::settings::{End, Field};

/// Version of the document; additions do not change it.
const VERSION: u32 = 1;

/// Every key of a recipe. Rules between keys are not included: `check` reports those.
#[derive(Serialize)]
struct Document {
    version: u32,
    /// Name of the table for a recipe.
    recipe: &'static str,
    tables: Vec<Table>,
    registries: Vec<Registry>,
    vocabularies: Vec<Vocabulary>,
    /// Values of `model.name`.
    models: Vec<Named>,
}

#[derive(Serialize)]
struct Table {
    /// Identifier by which shapes name the table.
    id: String,
    title: &'static str,
    about: String,
    /// Whether a stage inherits a key that it leaves out; a required key must be in the recipe or in the stage.
    inherited: bool,
    keys: Vec<Key>,
}

#[derive(Serialize)]
struct Registry {
    id: String,
    title: &'static str,
    about: String,
    /// Key in a recipe.
    key: &'static str,
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    name: &'static str,
    about: String,
    /// Keys beside `kind`.
    keys: Vec<Key>,
}

#[derive(Serialize)]
struct Vocabulary {
    id: String,
    title: &'static str,
    about: String,
    words: Vec<Word>,
}

#[derive(Serialize)]
struct Word {
    name: &'static str,
    about: String,
}

#[derive(Serialize)]
struct Named {
    name: &'static str,
    /// Whether the model accepts `model.width`.
    widths: bool,
}

#[derive(Serialize)]
struct Key {
    name: &'static str,
    about: String,
    #[serde(rename = "type")]
    shape: Shape,
    required: bool,
    /// Default of the key; `null` where leaving the key out is a choice of its own, which `about` describes.
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<Value>,
    /// Smallest number, also for the items of a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<Bound>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<Bound>,
}

/// One end of a range.
#[derive(Serialize)]
struct Bound {
    value: Number,
    /// Whether the number itself is excluded.
    open: bool,
}

/// Every key of a recipe as one JSON object: name, meaning, kind of value, range and default.
pub fn keys() -> String {
    let document = Document {
        version: VERSION,
        recipe: "a-recipe",
        tables: TABLES.iter().map(table).collect(),
        registries: REGISTRIES.iter().map(registry).collect(),
        vocabularies: VOCABULARIES.iter().map(vocabulary).collect(),
        models: models::NAMED.iter().map(|(name, maker)| Named { name, widths: has_widths(maker) }).collect(),
    };
    serde_json::to_string(&document).expect("the document has no maps")
}

fn has_widths(maker: &Maker) -> bool {
    match maker {
        Maker::Fixed(_) => false,
        Maker::Wide(_) => true,
    }
}

fn table(it: &super::Table) -> Table {
    let (id, about) = (anchor(it.title), prose(it.about));
    Table { id, title: it.title, about, inherited: it.is_inherited, keys: it.fields.iter().map(key).collect() }
}

fn registry(it: &super::Registry) -> Registry {
    let entry = |it: &crate::registry::Entry| {
        let keys = it.fields.iter().map(key).collect();
        Entry { name: it.name, about: prose(it.about), keys }
    };
    let entries = it.entries.iter().map(entry).collect();
    Registry { id: anchor(it.title), title: it.title, about: prose(it.about), key: it.key, entries }
}

fn vocabulary(it: &super::Vocabulary) -> Vocabulary {
    let words = it.choices.iter().map(|it| Word { name: it.name, about: prose(it.about) }).collect();
    Vocabulary { id: anchor(it.title), title: it.title, about: prose(it.about), words }
}

fn key(it: &Field) -> Key {
    let shape = shape(it.kind).expect("a test finds types without a shape");
    let is_whole = is_whole(&shape);
    let bound = |it: End| {
        // Whole numbers are written without a fraction.
        let value = if is_whole { Some(Number::from(it.value as u64)) } else { Number::from_f64(it.value) };
        Bound { value: value.expect("ends are finite"), open: it.is_open }
    };
    let allowed = it.allowed.and(held(it.kind));
    Key {
        name: it.name,
        about: prose(it.about),
        shape,
        required: it.default.is_none(),
        default: it.default.map(|it| serde_json::from_str(&it()).expect("defaults are JSON")),
        min: allowed.min().map(bound),
        max: allowed.max().map(bound),
    }
}

fn is_whole(shape: &Shape) -> bool {
    match shape {
        Shape::Whole => true,
        Shape::List { of } => is_whole(of),
        Shape::Number
        | Shape::Switch
        | Shape::Text
        | Shape::Sample
        | Shape::Table { .. }
        | Shape::Entry { .. }
        | Shape::Word { .. } => false,
    }
}

#[cfg(test)]
mod tests;
