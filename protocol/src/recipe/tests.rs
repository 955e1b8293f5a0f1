//! Recipes as written, checked and run.

mod course;
mod flat;
mod needs;
mod reading;
mod rules;
mod warnings;

use super::{Course, Needs, Place, Problem, RawRecipe, Recipe, RecipeError, Rule, Warning};
use crate::schedules::Budget;

/// A flat dense recipe; tests append to it.
const DENSE: &str = r#"
    name = "dense"
    about = "A test."
    model = { input = [2], layers = [{ kind = "linear", units = 8 }, { kind = "relu" }, { kind = "linear", units = 2 }] }
    rounds = { total = 10 }
    local = { epochs = 1, batch = 5, optimizer = { kind = "sgd", learning_rate = 0.1 } }
    aggregation = { kind = "mean" }
"#;

/// Keys that stages inherit in most tests: eight hidden units, pruned by magnitude.
const BASE: &str = r#"
    name = "stages"
    about = "A test."
    model = { input = [2], layers = [{ kind = "linear", units = 8 }, { kind = "relu" }, { kind = "linear", units = 2 }] }
    local = { epochs = 1, batch = 5, optimizer = { kind = "sgd", learning_rate = 0.1 } }
    aggregation = { kind = "mean" }
    [mask]
    pattern = { kind = "unit" }
    criterion = { kind = "magnitude", over = "own" }
    scope = { kind = "layer_equal" }
    dynamics = { kind = "monotone" }
    decider = { kind = "server" }
"#;

fn read(text: &str) -> RawRecipe {
    RawRecipe::from_toml(text).unwrap_or_else(|error| panic!("{text}\n{error}"))
}

fn checked(text: &str) -> Recipe {
    read(text).check().unwrap_or_else(|error| panic!("{text}\n{error}"))
}

/// The problems of an invalid recipe.
fn problems(text: &str) -> Vec<Problem> {
    match RawRecipe::from_toml(text).and_then(RawRecipe::check) {
        Ok(_) => vec![],
        Err(RecipeError::Illegal(problems)) => problems,
        Err(RecipeError::Syntax(error)) => panic!("{text}\n{error}"),
    }
}

/// The problems as sentences.
fn said(text: &str) -> Vec<String> {
    problems(text).iter().map(Problem::to_string).collect()
}

/// A round of a session without failures.
struct Run {
    place: Place,
    needs: Needs,
    /// Groups alive in each row after the round.
    alive: Vec<u32>,
}

/// All rounds of a session in which rows keep equal shares of their groups, and every schedule's condition is met.
fn run(recipe: &Recipe, course: &Course) -> Vec<Run> {
    let sizes: Vec<u32> = recipe.groups().rows.iter().map(|it| it.len() as u32).collect();
    let (mut alive, mut place, mut runs) = (sizes.clone(), Place::default(), vec![]);
    while course.has(place) {
        let needs = Needs::of(recipe, course, place, &alive, Some(f64::INFINITY));
        if let Some(budget) = needs.event {
            alive = alive.iter().zip(&sizes).map(|(alive, size)| left(budget, *alive, *size)).collect();
        }
        runs.push(Run { place, needs, alive: alive.clone() });
        place = course.after(place);
    }
    runs
}

/// Groups of a row that a budget leaves; a fifth is dropped where the budget gives no number.
fn left(budget: Budget, alive: u32, size: u32) -> u32 {
    let keep = match budget {
        Budget::Nothing | Budget::Same | Budget::Free { cap: None } => f64::from(alive),
        Budget::Keep(share) => f64::from(size) * share,
        Budget::Free { cap: Some(cap) } => (f64::from(size) * cap).min(alive.into()),
        Budget::Drop { share, .. } => f64::from(alive) * (1.0 - share.unwrap_or(0.2)),
    };
    (keep.round() as u32).clamp(1, size)
}
