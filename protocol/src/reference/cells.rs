//! Cells: positions of recipes in the space of published methods, and the keys that lead to positions without a recipe.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json};

use crate::criteria::{Criterion, Term};
use crate::evidence::Evidence;
use crate::local::Work;
use crate::patterns::Pattern;
use crate::recipe::{Course, Place, RawRecipe, Recipe, Stage};
use crate::schedules::Budget;
use crate::scopes::Scope;

/// Kinds of groups a method prunes, in the order of the first column.
const WHAT: [&str; 2] = ["structured", "single weights"];
/// Whether groups are ranked within layers or over the whole model.
const REACH: [&str; 2] = ["local", "global"];
/// When groups are pruned.
const WHEN: [&str; 3] = ["before", "during", "after"];
/// How often groups are pruned.
const TIMES: [&str; 2] = ["one-shot", "iterative"];
/// Order of the loss's derivative that ranks groups, from zeroth to second.
const BY: [&str; 3] = ["magnitude", "gradient", "curvature"];

/// Position of a method: an index into each of the lists above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cell {
    what: usize,
    reach: usize,
    when: usize,
    times: usize,
    by: usize,
}

/// A key of `[mask]` and its value.
type Key = (&'static str, Value);

/// One change of a recipe: keys of `[mask]` that go together.
type Edit = Vec<Key>;

/// The section of the page, for these recipes.
pub(super) fn section(carried: &[RawRecipe]) -> String {
    let mut page = format!("{HEAD}\n| | {} |\n|---|---|---|---|\n", BY.join(" | "));
    let (standing, reached) = (standing(carried), reached(carried));
    let rows = (0..WHAT.len()).flat_map(|what| (0..REACH.len()).map(move |reach| (what, reach)));
    let rows = rows.flat_map(|it| (0..WHEN.len()).map(move |when| (it, when)));
    for (((what, reach), when), times) in rows.flat_map(|it| (0..TIMES.len()).map(move |times| (it, times))) {
        let text = |by| {
            let cell = Cell { what, reach, when, times, by };
            standing.get(&cell).or_else(|| reached.get(&cell)).map_or("–", String::as_str)
        };
        let name = [WHAT[what], REACH[reach], WHEN[when], TIMES[times]].join(", ");
        writeln!(page, "| {name} | {} | {} | {} |", text(0), text(1), text(2))
            .expect("writing to a string cannot fail");
    }
    page
}

const HEAD: &str = "\
\n## Methods by what they do

The carried recipes, arranged by what their entries do. *Structured*: a group has several weights. *Local*: every layer is
ranked by itself, or has its own share; *global*: all groups of the model compete. *Before*: groups are pruned before a second
training round; *after*: only at the end of a level or a stage; *during*: at other times. *Gradient* and *curvature* name the
highest derivative of the loss in the scores. A cell without a carried recipe shows the nearest one with the keys of `[mask]` to
change, one key or two (a criterion together with its evidence counts as one); – means that two keys do not suffice.
";

/// Names of the recipes at each position.
fn standing(carried: &[RawRecipe]) -> BTreeMap<Cell, String> {
    let mut cells: BTreeMap<Cell, String> = BTreeMap::new();
    for raw in carried {
        let Some(cell) = cell(raw.clone()) else { continue };
        let names = cells.entry(cell).or_default();
        let comma = if names.is_empty() { "" } else { ", " };
        write!(names, "{comma}`{}`", raw.name).expect("writing to a string cannot fail");
    }
    cells
}

/// Positions that one or two changed keys of a carried recipe reach: one key before two, and the first recipe first.
fn reached(carried: &[RawRecipe]) -> BTreeMap<Cell, String> {
    let edits = edits();
    let ones = edits.iter().map(|it| vec![it]);
    let pairs = edits.iter().enumerate().flat_map(|(at, a)| edits[at + 1..].iter().map(move |b| vec![a, b]));
    let mut cells = BTreeMap::new();
    let are_two = |it: &Vec<&Edit>| !it[0].iter().any(|a| it[1].iter().any(|b| a.0 == b.0));
    for all in ones.chain(pairs.filter(are_two)) {
        for raw in carried.iter().filter(|it| it.mask.is_some()) {
            let Some(cell) = edited(raw, &all).and_then(cell) else { continue };
            let keys = all.iter().copied().flatten();
            let typed: Vec<String> = keys.map(|(key, value)| format!("`{key} = {}`", toml(value))).collect();
            cells.entry(cell).or_insert_with(|| format!("`{}` with {}", raw.name, typed.join(", ")));
        }
    }
    cells
}

/// Every entry that needs no keys of its own, criteria with their evidence, some schedules, and the coordinator as
/// decider.
fn edits() -> Vec<Edit> {
    let schedules = [
        json!({"kind": "once", "keep": 0.1}),
        json!({"kind": "level", "drop": 0.2}),
        json!({"kind": "geometric", "target_density": 0.1, "levels": 1}),
        json!({"kind": "geometric", "target_density": 0.1, "levels": 1, "start": 9}),
        json!({"kind": "geometric", "target_density": 0.1, "levels": 10}),
    ];
    let criteria = plain::<Criterion>("criterion", Criterion::NAMES);
    let evidence = plain::<Evidence>("evidence", Evidence::NAMES);
    let beside = |it: &Key| evidence.iter().map(|evidence| vec![it.clone(), evidence.clone()]).collect::<Vec<_>>();
    let mut keys = plain::<Scope>("scope", Scope::NAMES);
    keys.extend(plain::<Pattern>("pattern", Pattern::NAMES));
    keys.extend(schedules.map(|it| ("schedule", it)));
    keys.push(("decider", json!({"kind": "server"})));
    keys.extend(criteria.iter().cloned());
    keys.into_iter().map(|it| vec![it]).chain(criteria.iter().flat_map(beside)).collect()
}

/// A key with every entry of a registry that can be written as its kind alone.
fn plain<T: serde::de::DeserializeOwned>(key: &'static str, names: &[&str]) -> Vec<Key> {
    let values = names.iter().map(|it| json!({ "kind": it }));
    values.filter(|it| serde_json::from_value::<T>(it.clone()).is_ok()).map(|it| (key, it)).collect()
}

/// A recipe with changed keys: in every stage that sets the key, or beside the stages where none does.
fn edited(raw: &RawRecipe, edits: &[&Edit]) -> Option<RawRecipe> {
    let mut recipe = serde_json::to_value(raw).ok()?;
    for (key, value) in edits.iter().copied().flatten() {
        let stages = recipe.get_mut("stage").and_then(Value::as_array_mut).into_iter().flatten();
        let typed = stages.filter_map(|it| it.get_mut("mask")?.get_mut(*key));
        let n_typed = typed.map(|it| *it = value.clone()).count();
        let mask = recipe.get_mut("mask")?;
        if n_typed == 0 || mask.get(*key).is_some() {
            mask[*key] = value.clone();
        }
    }
    serde_json::from_value(recipe).ok()
}

/// A choice as written in a recipe.
fn toml(choice: &Value) -> String {
    let keys = choice.as_object().into_iter().flatten();
    // `kind` is written first, as when the value is read.
    let (kinds, others): (Vec<_>, Vec<_>) = keys.partition(|it| *it.0 == "kind");
    let pairs: Vec<String> = kinds.iter().chain(&others).map(|(key, value)| format!("{key} = {value}")).collect();
    format!("{{ {} }}", pairs.join(", "))
}

/// Position of a recipe; `None` if the recipe drops no groups, or drops them at random.
fn cell(raw: RawRecipe) -> Option<Cell> {
    raw.mask.as_ref()?;
    let recipe = raw.check().ok()?;
    let course = Course::whole(&recipe);
    let events = events(&recipe, &course);
    let pruning = recipe.stage(events.first()?.place.stage).mask.as_ref()?;
    let order = pruning.criterion.factors().into_iter().filter_map(|it| Term::order(it.term)).max()?;
    Some(Cell {
        what: usize::from(recipe.groups().rows.iter().all(|it| it.own_len <= 1)),
        reach: usize::from(!(pruning.scope.knows_before() || pruning.scope.has_shares())),
        when: when(&course, &events),
        times: usize::from(events.len() > 1),
        by: order.into(),
    })
}

/// A mask event that drops groups.
struct Event {
    place: Place,
    /// Number of training rounds up to this event.
    n_trained: u32,
}

fn events(recipe: &Recipe, course: &Course) -> Vec<Event> {
    let (mut place, mut n_trained, mut events) = (Place::default(), 0, vec![]);
    while course.has(place) {
        let stage = recipe.stage(place.stage);
        n_trained += u32::from(trains(stage));
        let draws = stage.mask.as_ref().is_some_and(|it| it.dynamics.draws().is_some());
        let drops = match course.budget(recipe, place, Some(f64::INFINITY)) {
            Budget::Nothing | Budget::Same => false,
            Budget::Keep(_) | Budget::Drop { .. } | Budget::Free { .. } => !draws,
        };
        if drops {
            events.push(Event { place, n_trained });
        }
        place = course.after(place);
    }
    events
}

fn trains(stage: &Stage) -> bool {
    match stage.local.work() {
        Work::Evaluate | Work::Epochs(0) | Work::Steps(0) => false,
        Work::Epochs(_) | Work::Steps(_) => true,
    }
}

/// Index into [`WHEN`].
fn when(course: &Course, events: &[Event]) -> usize {
    if events.iter().all(|it| it.n_trained <= 1) {
        0
    } else if events.iter().all(|it| course.ends_level(it.place)) {
        2
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A recipe of ten rounds, with the given keys in its mask.
    fn recipe(name: &str, mask: &str, more: &str) -> RawRecipe {
        let text = format!(
            r#"{{"name": "{name}", "about": "", {more}, "aggregation": {{"kind": "mean"}},
            "local": {{"epochs": 1, "batch": 5, "optimizer": {{"kind": "sgd", "learning_rate": 0.1}}}},
            "model": {{"input": [2], "layers": [{{"kind": "linear", "units": 8}}, {{"kind": "linear", "units": 2}}]}},
            "mask": {{"dynamics": {{"kind": "monotone"}}, "decider": {{"kind": "server"}}, {mask}}}}}"#
        );
        RawRecipe::from_json(&text).expect("a recipe")
    }

    fn words(it: &RawRecipe) -> [&'static str; 5] {
        let Cell { what, reach, when, times, by } = cell(it.clone()).expect("it drops groups");
        [WHAT[what], REACH[reach], WHEN[when], TIMES[times], BY[by]]
    }

    /// Units by magnitude, layer by layer, on this schedule.
    fn units(schedule: &str) -> String {
        format!(
            r#""pattern": {{"kind": "unit"}}, "scope": {{"kind": "layer_equal"}}, "schedule": {{"kind": {schedule}}},
            "criterion": {{"kind": "magnitude", "over": "own"}}"#
        )
    }

    const FLAT: &str = r#""rounds": {"total": 10}"#;
    const FALLING: &str = r#""geometric", "target_density": 0.5, "levels": 3"#;

    #[test]
    fn recipes_stand_where_they_are_told_from_what_they_pick() {
        let falling = recipe("a", &units(FALLING), FLAT);
        assert_eq!(words(&falling), ["structured", "local", "during", "iterative", "magnitude"]);
        let at_once = recipe("a", &units(r#""geometric", "target_density": 0.5, "levels": 1"#), FLAT);
        assert_eq!(words(&at_once), ["structured", "local", "before", "one-shot", "magnitude"]);
        let levels = r#""stage": [{"name": "level", "rounds": 2, "repeat": 3}]"#;
        let weights = r#""pattern": {"kind": "weight"}, "scope": {"kind": "global"}, "criterion": {"kind": "saliency"},
            "evidence": {"kind": "update"}, "schedule": {"kind": "level", "drop": 0.2}"#;
        let tickets = recipe("a", weights, levels);
        assert_eq!(words(&tickets), ["single weights", "global", "after", "iterative", "gradient"]);
        let random = units(FALLING).replace(r#""magnitude", "over": "own""#, r#""random""#);
        assert_eq!(cell(recipe("a", &random, FLAT)), None, "random pruning has no position");
    }

    #[test]
    fn where_no_recipe_stands_one_change_is_named_before_two() {
        let page = section(&[recipe("falling", &units(FALLING), FLAT)]);
        let row = |name: &str| page.lines().find(|it| it.contains(name)).unwrap_or_default().to_owned();
        assert!(row("structured, local, during, iterative").contains("| `falling` |"));
        let global = row("structured, global, during, iterative");
        assert!(global.contains(r#"| `falling` with `scope = { kind = "global" }` |"#), "{global}");
        let weights = row("single weights, global, during, iterative");
        assert!(weights.contains(r#"`scope = { kind = "global" }`, `pattern = { kind = "weight" }` |"#), "{weights}");
        let gradient = r#"`criterion = { kind = "gradient" }`, `evidence = { kind = "update" }`"#;
        assert!(row("structured, local, during, iterative").contains(&format!("| `falling` with {gradient} |")));
        assert!(row("structured, local, before, iterative").ends_with("| – | – | – |"));
    }
}
