//! Reference: every key that a recipe may have, as Markdown generated from the code.

mod shapes;
mod words;
mod keys;
mod cells;

use std::fmt::Write;

use crate::afterwards::Afterwards;
use crate::choices::{
    By, Change, Draw, Fold, Grain, Grow, Memory, Moment, Norm, Of, Over, Regrow, Rounded, Rounding, Scale, Sends,
    TicketMask, TicketWeights, Travels,
};
use crate::codecs::Codec;
use crate::criteria::Criterion;
use crate::data::corruptions::Corruption;
use crate::data::partitions::Partition;
use crate::deciders::Decider;
use crate::dynamics::Dynamic;
use crate::evidence::Evidence;
use crate::groups::Among;
use crate::inits::{Bias, Initial};
use crate::layers::Layer;
use crate::layers::avitm::Decoder;
use crate::local::{TypedCoding, TypedLocal};
use crate::models::{self, Maker, RawModel};
use crate::patterns::Pattern;
use crate::recipe::{Checkpoints, Citation, Costs, Evaluate, RawRecipe, RawStage, Rounds, Start};
use crate::registry::Entry;
use crate::rules::TypedPruning;
use crate::schedules::Schedule;
use crate::scopes::Scope;
use crate::settings::{Choice, Described, Field};
use crate::training::aggregations::Aggregation;
use crate::training::cohorts::Cohort;
use crate::training::optimizers::Optimizer;
use crate::training::rates::Rate;
use crate::training::untils::Until;
pub use keys::keys;
use words::{prose, row};

/// A table of keys.
struct Table {
    /// Name of the Rust type.
    kind: &'static str,
    title: &'static str,
    about: &'static [&'static str],
    fields: &'static [Field],
    /// Whether a stage inherits the keys that it leaves out.
    is_inherited: bool,
    #[cfg(test)]
    read: Read,
}

/// An open choice (a registry).
struct Registry {
    /// Name of the Rust type.
    kind: &'static str,
    title: &'static str,
    /// Key in a recipe.
    key: &'static str,
    about: &'static [&'static str],
    entries: &'static [Entry],
    #[cfg(test)]
    read: Read,
}

/// A closed choice (a vocabulary).
struct Vocabulary {
    /// Name of the Rust type.
    kind: &'static str,
    title: &'static str,
    about: &'static [&'static str],
    choices: &'static [Choice],
    #[cfg(test)]
    read: Read,
}

/// Reads and checks a value of a type.
#[cfg(test)]
type Read = fn(&serde_json::Value) -> Result<(), String>;

macro_rules! tables {
    ($($Type:ident $title:literal $($inherited:ident)?,)+) => {
        &[$(Table {
            kind: stringify!($Type),
            title: $title,
            about: <$Type as Described>::ABOUT,
            fields: <$Type as Described>::FIELDS,
            is_inherited: tables!(@ $($inherited)?),
            #[cfg(test)]
            read: tests::read::<$Type>,
        }),+]
    };
    (@ inherited) => { true };
    (@) => { false };
}

macro_rules! registries {
    ($($Type:ident $title:literal $key:literal,)+) => {
        &[$(Registry {
            kind: stringify!($Type),
            title: $title,
            key: $key,
            about: $Type::ABOUT,
            entries: $Type::ENTRIES,
            #[cfg(test)]
            read: tests::read::<$Type>,
        }),+]
    };
}

macro_rules! vocabularies {
    ($($Type:ident $title:literal,)+) => {
        &[$(Vocabulary {
            kind: stringify!($Type),
            title: $title,
            about: $Type::ABOUT,
            choices: $Type::CHOICES,
            #[cfg(test)]
            read: tests::read::<$Type>,
        }),+]
    };
}

/// Tables of keys, in the order of a file.
const TABLES: &[Table] = tables! {
    RawRecipe "A recipe",
    RawStage "A stage",
    Citation "A citation",
    RawModel "The model",
    TypedLocal "Local training" inherited,
    TypedPruning "The mask" inherited,
    Among "Among",
    TypedCoding "The wire" inherited,
    Start "Start",
    Rounds "Rounds",
    Evaluate "Evaluation",
    Checkpoints "Checkpoints",
    Costs "Costs",
};

/// Registries: first what prunes, in the order of a mask event, then what trains.
const REGISTRIES: &[Registry] = registries! {
    Pattern "Patterns" "mask.pattern",
    Criterion "Criteria" "mask.criterion",
    Evidence "Evidence" "mask.evidence",
    Schedule "Schedules" "mask.schedule",
    Scope "Scopes" "mask.scope",
    Dynamic "Dynamics" "mask.dynamics",
    Decider "Deciders" "mask.decider",
    Afterwards "Afterwards" "mask.afterwards",
    Cohort "Cohorts" "cohort",
    Until "Untils" "stage.until",
    Aggregation "Aggregations" "aggregation",
    Codec "Codecs" "wire.up, wire.down",
    Optimizer "Optimizers" "local.optimizer",
    Rate "Rates" "local.optimizer.rate",
    Initial "Inits" "model.init",
    Layer "Layers" "model.layers",
    Partition "Partitions" "--partition",
    Corruption "Corruptions" "--corrupt",
};

/// Closed choices, by name.
const VOCABULARIES: &[Vocabulary] = vocabularies! {
    Bias "Biases",
    By "By",
    Change "Changes",
    Decoder "Decoders",
    Draw "Draws",
    Fold "Folds",
    Grain "Grains",
    Grow "Grow",
    Memory "Memory",
    Moment "Moments",
    Norm "Norms",
    Of "Of",
    Over "Over",
    Regrow "Regrow",
    Rounded "What is rounded",
    Rounding "Rounding",
    Scale "Scales",
    Sends "Sends",
    TicketMask "Masks of tickets",
    TicketWeights "Weights of tickets",
    Travels "What travels of gradients",
};

const HEAD: &str = "\
# Recipes

A recipe is a TOML file that describes a model, its training, and how it is pruned. A recipe makes one choice from each
registry; a choice is written as `{ kind = \"name\" }`, with more keys beside `kind` where the entry has any. Unknown keys are
refused, and all errors are reported at once; `pleach explain` prints what a recipe does before anything runs.

A flat recipe is one stage. With `[[stage]]` a recipe is a list of stages; a key that a stage leaves out is inherited from the
recipe.

A *group* is a set of weights that live or die together, such as those of a neuron, or a single weight. Groups that are ranked
among themselves form a *row*, such as the neurons of a layer. *Density* is the share of living groups. A *mask event* is the
end of a round after which groups may die or come back. A *level* is one repetition of a stage.

In the tables, *required* means that a key has no default; – means that leaving the key out is a choice of its own, which the
text explains. A required key that stages inherit may be in the recipe or in every stage.

`pleach recipes --keys` prints this reference as JSON, and a running host serves it at `/keys.json`: every key with its meaning,
kind of value, range and default.

This page is generated from the comments in `protocol/src/` and the recipes in `recipes/`: change them there.
";

/// The reference as Markdown, with the position of these recipes in the design space.
pub fn markdown(carried: &[RawRecipe]) -> String {
    let mut page = HEAD.to_owned();
    contents(&mut page);
    TABLES.iter().for_each(|it| table(&mut page, it));
    named(&mut page);
    REGISTRIES.iter().for_each(|it| registry(&mut page, it));
    VOCABULARIES.iter().for_each(|it| vocabulary(&mut page, it));
    design_space(&mut page);
    page += &cells::section(carried);
    page
}

/// Writes a line; a string takes all that is written to it.
macro_rules! line {
    ($page:expr $(, $text:expr)*) => {
        writeln!($page $(, $text)*).expect("writing to a string cannot fail")
    };
}

fn contents(page: &mut String) {
    let link = |title: &&str| format!("[{title}](#{})", shapes::anchor(title));
    let links = |titles: Vec<&str>| titles.iter().map(link).collect::<Vec<_>>().join(" · ");
    line!(page, "\n## Contents\n");
    line!(page, "- Keys: {}", links(TABLES.iter().map(|it| it.title).chain(["Named models"]).collect()));
    line!(page, "- Registries: {}", links(REGISTRIES.iter().map(|it| it.title).collect()));
    line!(page, "- Words: {}", links(VOCABULARIES.iter().map(|it| it.title).collect()));
    line!(page, "- {}", links(vec!["The design space", "Methods by what they do"]));
}

fn table(page: &mut String, it: &Table) {
    line!(page, "\n## {}\n\n{}", it.title, prose(it.about));
    rows(page, it.fields);
}

fn rows(page: &mut String, fields: &[Field]) {
    if fields.is_empty() {
        return;
    }
    line!(page, "\n| key | meaning | value | default |\n|---|---|---|---|");
    fields.iter().for_each(|it| line!(page, "{}", row(it)));
}

fn named(page: &mut String) {
    line!(page, "\n## Named models\n\nValues of `model.name`; models with widths accept `model.width`.\n");
    for (name, maker) in models::NAMED {
        let widths = match maker {
            Maker::Fixed(_) => "",
            Maker::Wide(_) => ", with widths",
        };
        line!(page, "- `{name}`: {}{widths}", words::size(&maker.make()));
    }
}

fn registry(page: &mut String, it: &Registry) {
    line!(page, "\n## {}\n\n`{}`: {}", it.title, it.key, words::lowered(&prose(it.about)));
    for entry in it.entries {
        line!(page, "\n**`{}`**: {}", entry.name, words::lowered(&prose(entry.about)));
        rows(page, entry.fields);
    }
}

fn vocabulary(page: &mut String, it: &Vocabulary) {
    line!(page, "\n## {}\n\n{}\n", it.title, prose(it.about));
    for choice in it.choices {
        line!(page, "- `\"{}\"`: {}", choice.name, words::lowered(&prose(choice.about)));
    }
}

fn design_space(page: &mut String) {
    line!(page, "\n## The design space\n");
    line!(page, "A method is one choice from each of these, for every stage.\n");
    line!(page, "| registry | decides | entries |\n|---|---|---|");
    for it in REGISTRIES {
        let names: Vec<String> = it.entries.iter().map(|it| format!("`{}`", it.name)).collect();
        let link = format!("[{}](#{})", it.title, shapes::anchor(it.title));
        line!(page, "| {link} | {} | {} |", words::cell(&prose(it.about)), names.join(", "));
    }
}

#[cfg(test)]
mod tests;
