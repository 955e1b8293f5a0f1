//! Recipes: the ones that the command carries, and any file of the same form.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use protocol::recipe::{RawRecipe, Recipe, Stage};
use serde::Serialize;

use crate::args;

/// Name and text of every recipe that the command carries.
pub const CARRIED: [(&str, &str); 5] = [
    ("fedavg", include_str!("../../recipes/fedavg.toml")),
    ("voted", include_str!("../../recipes/voted.toml")),
    ("mpfl", include_str!("../../recipes/mpfl.toml")),
    ("topics", include_str!("../../recipes/topics.toml")),
    ("spoken-digits", include_str!("../../recipes/spoken-digits.toml")),
];

/// The recipe of this name, or in this file, for what data it may be.
///
/// # Errors
/// When there is neither, or the recipe is not legal: with the key and what is allowed.
pub fn load(wish: &str) -> anyhow::Result<Recipe> {
    raw(wish)?.check().with_context(|| format!("in the recipe {wish}"))
}

/// What is written there; it may leave sizes to the data.
///
/// # Errors
/// When there is neither, or it is no recipe: with the line and what is allowed.
pub fn raw(wish: &str) -> anyhow::Result<RawRecipe> {
    let carried = CARRIED.iter().find(|it| it.0 == wish).map(|it| it.1.to_owned());
    let names = || CARRIED.map(|it| it.0).join(", ");
    let text = match carried {
        Some(text) => text,
        None if std::path::Path::new(wish).is_file() => {
            std::fs::read_to_string(wish).with_context(|| format!("cannot read the recipe {wish}"))?
        }
        None => bail!("there is no recipe file {wish}, and no recipe of that name is carried (carried: {})", names()),
    };
    RawRecipe::from_toml(&text).with_context(|| format!("in the recipe {wish}"))
}

/// A recipe of the list.
#[derive(Debug, Serialize)]
struct Listed {
    name: String,
    about: String,
    /// Registry by registry, what its stages pick.
    picks: BTreeMap<&'static str, Vec<&'static str>>,
}

/// Lists the recipes that the command carries with their place in the design space, or prints one.
///
/// # Errors
/// When there is none of that name.
#[expect(clippy::print_stdout, reason = "the list is what the command prints")]
pub fn command(args: &args::Recipes) -> anyhow::Result<()> {
    if let Some(name) = &args.name {
        let Some((_, text)) = CARRIED.iter().find(|it| it.0 == name) else {
            bail!("no recipe of the name {name} is carried (carried: {})", CARRIED.map(|it| it.0).join(", "));
        };
        print!("{text}");
        return Ok(());
    }
    let listed = CARRIED.iter().map(|it| listed(it.0)).collect::<anyhow::Result<Vec<_>>>()?;
    if args.json {
        println!("{}", serde_json::to_string(&listed)?);
        return Ok(());
    }
    for Listed { name, about, picks } in listed {
        println!("{name}\n  {about}");
        let picks: Vec<String> = picks.iter().map(|(registry, of)| format!("{registry}: {}", of.join(", "))).collect();
        println!("  {}\n", picks.join("; "));
    }
    Ok(())
}

/// What a stage picks of each registry: its place in the design space.
pub fn picks(it: &Stage) -> BTreeMap<&'static str, &'static str> {
    let mut picks = BTreeMap::from([
        ("cohort", it.cohort.name()),
        ("optimizer", it.local.optimizer.name()),
        ("aggregation", it.aggregation.name()),
        ("until", it.until.name()),
        ("codec up", it.coding.up.name()),
        ("codec down", it.coding.down.name()),
    ]);
    if let Some(mask) = &it.mask {
        picks.extend([
            ("pattern", mask.pattern.name()),
            ("criterion", mask.criterion.name()),
            ("evidence", mask.evidence.name()),
            ("scope", mask.scope.name()),
            ("schedule", mask.schedule.name()),
            ("dynamics", mask.dynamics.name()),
            ("afterwards", mask.afterwards.name()),
            ("decider", mask.decider.name()),
        ]);
    }
    picks
}

/// Words of the data that a topic model is listed for; how many changes nothing in what is listed.
const ANY_WORDS: usize = 1_000;

fn listed(name: &str) -> anyhow::Result<Listed> {
    let recipe = raw(name)?.over(ANY_WORDS).check()?;
    let mut picks: BTreeMap<&'static str, Vec<&'static str>> = BTreeMap::new();
    for stage in recipe.stages() {
        for (registry, entry) in self::picks(stage) {
            let of = picks.entry(registry).or_default();
            if !of.contains(&entry) {
                of.push(entry);
            }
        }
    }
    Ok(Listed { name: name.into(), about: recipe.raw().about.clone(), picks })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_carried_recipe_is_legal_and_has_its_own_name() {
        for (name, _) in CARRIED {
            let recipe = raw(name).expect("a recipe").over(784).check().expect("legal");
            assert_eq!(recipe.raw().name, name);
        }
    }

    #[test]
    fn a_topic_model_is_as_wide_as_the_vocabulary() {
        let topics = || raw("topics").expect("a recipe");
        for words in [1612, 1513] {
            assert_eq!(topics().over(words).check().expect("legal").model().sample_len(), words);
        }
        let error = topics().check().expect_err("no data yet").to_string();
        assert!(error.contains("input = \"data\" needs a session's data"), "{error}");
    }

    #[test]
    fn a_bad_recipe_names_key_and_allowed_values() {
        let with = |from: &str, to: &str| {
            let text = CARRIED[1].1.replacen(from, to, 1);
            assert_ne!(text, CARRIED[1].1, "{from} is in the recipe");
            RawRecipe::from_toml(&text).and_then(RawRecipe::check).expect_err("illegal").to_string()
        };
        for (from, to, expected) in [
            ("kind = \"magnitude\"", "kind = \"magnitud\"", "`magnitude`"),
            ("kind = \"sgd\"", "kind = \"sdg\"", "expected `sgd`"),
            ("target_density = 0.3", "target_density = 1.3", "mask.schedule.target_density = 1.3 must be above 0"),
            ("levels = 8", "levels = 0", "mask.schedule.levels = 0 must be from 1"),
            ("epochs = 1", "epoch = 1", "unknown field `epoch`"),
            ("epochs = 1", "epochs = 0", "local.epochs = 0 must be from 1"),
            ("total = 20", "total = 0", "rounds.total = 0 must be from 1"),
            ("lenet-300-100", "lenet-5", "must be one of: lenet-300-100"),
            ("learning_rate = 0.1", "learning_rate = -1.0", "local.optimizer.learning_rate = -1 must be above 0"),
            ("learning_rate = 0.1", "learning_rat = 0.1", "unknown field `learning_rat`"),
            ("name = \"lenet-300-100\"", "input = \"date\"\nlayers = []", "must be a shape such as [784], or \"data\""),
        ] {
            let error = with(from, to);
            assert!(error.contains(expected), "{to}: {error}");
        }
    }
}
