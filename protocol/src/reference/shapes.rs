//! Shapes: which values a key accepts, derived from the Rust type.

use serde::Serialize;

use super::{REGISTRIES, TABLES, VOCABULARIES};
use crate::settings::{ANY, Span, above, from};

/// Kind of value. Tables, registries and words are named by the anchors of their headings.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub(super) enum Shape {
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// `true` or `false`.
    Switch,
    /// Any text.
    Text,
    /// Shape of a sample, or the word that takes the shape from the data.
    Sample,
    /// A list of any length.
    List {
        /// Kind of the items.
        of: Box<Shape>,
    },
    /// A table of further keys.
    Table {
        /// Name of the table.
        of: String,
    },
    /// An entry of a registry, by `kind`.
    Entry {
        /// Name of the registry.
        of: String,
        /// Names of the entries.
        names: Vec<&'static str>,
    },
    /// One of a few words.
    Word {
        /// Name of the vocabulary.
        of: String,
        /// The words.
        names: Vec<&'static str>,
    },
}

/// Anchor of a heading, for links.
pub(super) fn anchor(title: &str) -> String {
    title.to_lowercase().replace(' ', "-")
}

/// The shape of a Rust type; `None` if recipes have no such type.
pub(super) fn shape(kind: &str) -> Option<Shape> {
    let within = |wrapper: &str| kind.strip_prefix(wrapper)?.strip_prefix('<')?.strip_suffix('>');
    if let Some(kind) = within("Option") {
        return shape(kind);
    }
    if let Some(kind) = within("Vec") {
        return Some(Shape::List { of: Box::new(shape(kind)?) });
    }
    let table = || TABLES.iter().find(|it| it.kind == kind).map(|it| Shape::Table { of: anchor(it.title) });
    let registry = || {
        let it = REGISTRIES.iter().find(|it| it.kind == kind)?;
        Some(Shape::Entry { of: anchor(it.title), names: it.entries.iter().map(|it| it.name).collect() })
    };
    let vocabulary = || {
        let it = VOCABULARIES.iter().find(|it| it.kind == kind)?;
        Some(Shape::Word { of: anchor(it.title), names: it.choices.iter().map(|it| it.name).collect() })
    };
    match kind {
        "u8" | "u16" | "u32" | "u64" | "usize" | "NonZeroU8" | "NonZeroU16" => Some(Shape::Whole),
        "f32" | "f64" | "Alpha" | "Strength" => Some(Shape::Number),
        "bool" => Some(Shape::Switch),
        "String" => Some(Shape::Text),
        "Input" => Some(Shape::Sample),
        _ => table().or_else(registry).or_else(vocabulary),
    }
}

/// Range of numbers of a Rust type, whatever the range of its key; for a list, the range of its items.
pub(super) fn held(kind: &str) -> Span {
    let inner = ["Option<", "Vec<"].iter().find_map(|it| kind.strip_prefix(it)?.strip_suffix('>'));
    match kind {
        "u8" => from(0.0).up_to(255.0),
        "u16" => from(0.0).up_to(65_535.0),
        "u32" => from(0.0).up_to(4_294_967_295.0),
        "u64" | "usize" => from(0.0),
        "NonZeroU8" => from(1.0).up_to(255.0),
        "NonZeroU16" => from(1.0).up_to(65_535.0),
        "Alpha" => from(1e-300).up_to(1e300),
        "Strength" => above(0.0).up_to(10.0),
        _ => inner.map_or(ANY, held),
    }
}
