//! Recipes: the ones that the command carries, and any file of the same form.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use protocol::recipe::{Citation, RawRecipe, Recipe, Stage};
use protocol::reference;
use serde::Serialize;

use crate::output::print;
use crate::{args, citation};

/// A recipe that the command carries.
#[derive(Debug)]
pub struct Carried {
    /// Its name, which its file has too.
    pub name: &'static str,
    /// Other names by which it is asked for.
    pub also: &'static [&'static str],
    /// What is written there.
    pub text: &'static str,
}

/// Carries the files of these names.
macro_rules! carried {
    ($($name:literal $(also $other:literal)*,)+) => {
        &[$(Carried {
            name: $name,
            also: &[$($other),*],
            text: include_str!(concat!("../../recipes/", $name, ".toml")),
        }),+]
    };
}

/// Every recipe that the command carries: first those for many clients, then those for a centre.
pub const CARRIED: &[Carried] = carried! {
    "fedavg",
    "voted",
    "mpfl",
    "pruning_fl",
    "federated_pruning",
    "federated_magnitude",
    "federated_dropout",
    "federated_snip",
    "federated_ssfl",
    "prunefl",
    "fedavitm" also "topics",
    "normalprune_fedavitm",
    "fastprune_fedavitm",
    "spoken-digits",
    "filter_ticket",
    "magnitude",
    "lottery_ticket",
    "one_ticket",
    "weight_x_gradient",
    "obd",
    "snip",
};

/// The carried recipe of a name.
///
/// # Errors
/// When there is none: with those that there are.
pub fn carried(name: &str) -> anyhow::Result<&'static Carried> {
    let is_it = |it: &&Carried| it.name == name || it.also.contains(&name);
    let all = || CARRIED.iter().map(|it| it.name).collect::<Vec<_>>().join(", ");
    CARRIED.iter().find(is_it).with_context(|| format!("no recipe of the name {name} is carried (carried: {})", all()))
}

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
    let is_file = || std::path::Path::new(wish).is_file();
    let text = match carried(wish) {
        Ok(it) => it.text.to_owned(),
        Err(_) if is_file() => {
            std::fs::read_to_string(wish).with_context(|| format!("cannot read the recipe {wish}"))?
        }
        Err(error) => bail!("there is no recipe file {wish}, and {error}"),
    };
    RawRecipe::from_toml(&text).with_context(|| format!("in the recipe {wish}"))
}

/// A recipe of the list.
#[derive(Debug, Serialize)]
struct Listed {
    name: &'static str,
    /// Its other names.
    also: &'static [&'static str],
    about: String,
    /// The works that it comes from.
    cite: Vec<Citation>,
    /// Registry by registry, what its stages pick.
    picks: BTreeMap<&'static str, Vec<&'static str>>,
}

/// Lists the recipes that the command carries with their place in the design space, or prints one.
///
/// # Errors
/// When there is none of that name.
pub fn command(args: &args::Recipes) -> anyhow::Result<()> {
    if args.keys {
        return print(&format!("{}\n", reference::keys()));
    }
    if args.cite {
        return print(&bibliography(args.name.as_deref())?);
    }
    if let Some(name) = &args.name {
        return print(carried(name)?.text);
    }
    let listed = CARRIED.iter().map(listed).collect::<anyhow::Result<Vec<_>>>()?;
    if args.json {
        return print(&format!("{}\n", serde_json::to_string(&listed)?));
    }
    let paragraph = |Listed { name, also, about, picks, .. }: Listed| {
        let names = [&[name], also].concat().join(", also ");
        let picks: Vec<String> = picks.iter().map(|(registry, of)| format!("{registry}: {}", of.join(", "))).collect();
        format!("{names}\n  {about}\n  {}\n\n", picks.join("; "))
    };
    print(&listed.into_iter().map(paragraph).collect::<String>())
}

/// The works that a recipe comes from, or all, each once.
fn bibliography(name: Option<&str>) -> anyhow::Result<String> {
    let recipes = name.map_or_else(|| Ok(CARRIED.iter().collect()), |it| carried(it).map(|it| vec![it]))?;
    let mut works: Vec<Citation> = vec![];
    for it in recipes {
        works.extend(raw(it.name)?.cite.into_iter().filter(|it| !works.contains(it)).collect::<Vec<_>>());
    }
    Ok(works.iter().map(citation::bibtex).collect::<Vec<_>>().join("\n"))
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

fn listed(it: &Carried) -> anyhow::Result<Listed> {
    let Carried { name, also, .. } = *it;
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
    let RawRecipe { about, cite, .. } = recipe.raw().clone();
    Ok(Listed { name, also, about, cite, picks })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_carried_recipe_is_legal_and_has_its_own_name() {
        for Carried { name, .. } in CARRIED {
            let recipe = raw(name).expect("a recipe").over(784).check().expect("legal");
            assert_eq!(recipe.raw().name, *name);
        }
    }

    #[test]
    fn every_file_of_the_folder_is_carried_under_names_that_differ() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../recipes");
        let files = std::fs::read_dir(folder).expect("the folder of recipes").map(|it| it.expect("a file").file_name());
        let files: BTreeSet<String> = files.map(|it| it.to_string_lossy().into_owned()).collect();
        assert_eq!(files, CARRIED.iter().map(|it| format!("{}.toml", it.name)).collect());
        let names = || CARRIED.iter().flat_map(|it| [&[it.name], it.also].concat());
        assert_eq!(names().count(), names().collect::<BTreeSet<_>>().len());
    }

    #[test]
    fn every_carried_recipe_says_where_it_comes_from_once() {
        for Carried { name, .. } in CARRIED {
            let cite = raw(name).expect("a recipe").cite;
            assert!(!cite.is_empty(), "{name}");
            for it in &cite {
                let is_found = it.arxiv.is_some() || it.doi.is_some() || it.venue.is_some();
                assert!(is_found && !it.authors.is_empty() && !it.title.is_empty(), "{name}: {it:?}");
            }
        }
        assert!(bibliography(Some("topics")).expect("carried").starts_with("@misc{srivastava2017autoencoding,"));
        let all = bibliography(None).expect("carried");
        let keys: Vec<&str> = all.lines().filter(|it| it.starts_with('@')).collect();
        assert_eq!(keys.len(), keys.iter().collect::<BTreeSet<_>>().len(), "{keys:?}");
        assert!(bibliography(Some("no-such")).is_err());
    }

    #[test]
    fn another_name_loads_the_same_recipe() {
        assert_eq!(raw("topics").expect("a recipe"), raw("fedavitm").expect("a recipe"));
        let error = raw("fedavit").expect_err("no such name").to_string();
        assert!(error.contains("no recipe file fedavit, and no recipe of the name fedavit is carried"), "{error}");
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
            let voted = carried("voted").expect("carried").text;
            let text = voted.replacen(from, to, 1);
            assert_ne!(text, voted, "{from} is in the recipe");
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
