//! The recipes that Pleach carries are legal and ask for something in every round, however long the session is.
#![cfg(feature = "toml")]

use protocol::models::{Input, RawModel, Source};
use protocol::recipe::{Course, Needs, Place, RawRecipe, Recipe};
use protocol::{prune, wire};

/// All of them, over data of a thousand features.
fn carried() -> Vec<Recipe> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../recipes");
    let files = std::fs::read_dir(folder).expect("the folder of recipes").map(|it| it.expect("a file").path());
    let read = |path: &std::path::Path| std::fs::read_to_string(path).expect("text");
    let check = |it: &str| RawRecipe::from_toml(it).and_then(|it| it.over(1000).check());
    files.map(|it| check(&read(&it)).unwrap_or_else(|error| panic!("{}: {error}", it.display()))).collect()
}

/// What every round of a session needs; where only weights say how many groups go, none does.
fn needs(recipe: &Recipe, course: &Course) -> Vec<Needs> {
    let mut alive: Vec<u32> = recipe.groups().rows.iter().map(|it| it.len() as u32).collect();
    let (mut place, mut all) = (Place::default(), vec![]);
    while course.has(place) {
        let needs = Needs::of(recipe, course, place, &alive, Some(f64::INFINITY));
        let pruning = recipe.stage(place.stage).mask.as_ref().filter(|it| it.scope.knows_before());
        if let (Some(budget), Some(pruning)) = (needs.event, pruning) {
            alive = prune::kept_before(pruning, recipe.groups(), &alive, budget);
        }
        all.push(needs);
        place = course.after(place);
    }
    all
}

#[test]
fn no_round_of_a_recipe_that_pleach_carries_asks_for_nothing() {
    let recipes = carried();
    assert!(recipes.len() >= 5);
    for recipe in recipes {
        for rounds in [1, 3, 10, 100, Course::whole(&recipe).total()] {
            let all = needs(&recipe, &Course::of(&recipe, rounds));
            assert!(all.iter().all(Needs::asks), "{}", recipe.raw().name);
        }
    }
}

#[test]
fn a_task_comes_through_the_wire_as_it_was() {
    for task in carried().iter().map(Recipe::task) {
        assert_eq!(wire::decode(&wire::encode(&task)), Ok(task));
    }
    let open = RawModel { name: None, width: None, input: Some(Input::From(Source::Data)), layers: None, init: None };
    assert_eq!(wire::decode(&wire::encode(&open)), Ok(open));
}

#[test]
fn a_recipe_that_prunes_prunes_in_every_session() {
    for recipe in carried().iter().filter(|it| it.prunes()) {
        for rounds in [1, 3, 10] {
            let all = needs(recipe, &Course::of(recipe, rounds));
            assert!(all.iter().any(|it| it.event.is_some() || it.part.is_some()), "{}", recipe.raw().name);
        }
    }
}
