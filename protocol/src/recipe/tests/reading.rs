//! Reading: what a file may contain, what stages inherit, and the messages for files that cannot be read.

use super::*;
use crate::choices::Norm;
use crate::local::Work;

/// The parser's message for an invalid file.
fn refused(text: &str) -> String {
    match RawRecipe::from_toml(text).and_then(RawRecipe::check) {
        Ok(_) => panic!("it is legal:\n{text}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn stages_inherit_key_by_key() {
    let recipe = checked(&format!(
        r#"{BASE}
        schedule = {{ kind = "once", keep = 0.5 }}
        [[stage]]
        name = "first"
        rounds = 3
        local = {{ batch = 7 }}
        mask = {{ criterion = {{ kind = "magnitude", norm = "l1", over = "own" }} }}
        wire = {{ down = {{ kind = "f16" }} }}
        [[stage]]
        name = "second"
        rounds = 2
        local = {{ optimizer = {{ kind = "adam", learning_rate = 0.002 }} }}
        cohort = {{ kind = "sample", n = 3 }}
        evaluate = {{ every = 2 }}
        mask = {{ schedule = {{ kind = "never" }} }}
        "#
    ));
    let [first, second] = recipe.stages() else { panic!("two stages") };
    let pruning = |it: &crate::recipe::Stage| it.mask.clone().expect("inherited");
    assert_eq!((first.local.batch, second.local.batch), (7, 5));
    assert_eq!((first.local.optimizer.name(), second.local.optimizer.name()), ("sgd", "adam"));
    let norm = |it: &crate::recipe::Stage| pruning(it).criterion.factors()[0].norm;
    assert_eq!((norm(first), norm(second)), (Norm::L1, Norm::L2));
    assert_eq!((pruning(first).schedule.name(), pruning(second).schedule.name()), ("once", "never"));
    assert_eq!((pruning(first).scope, pruning(first).decider), (pruning(second).scope, pruning(second).decider));
    assert_eq!((first.coding.down.name(), second.coding.down.name()), ("f16", "f32"));
    assert_eq!((first.cohort.name(), second.cohort.name()), ("all", "sample"));
    assert_eq!((first.evaluate_every, second.evaluate_every), (1, 2));
}

#[test]
fn steps_take_the_place_of_epochs_that_are_inherited() {
    let stage =
        |local: &str| format!("{DENSE}\n[[stage]]\nname = \"a\"\nrounds = 1\n{local}").replace("total = 10", "");
    let work = |local: &str| checked(&stage(local)).stages()[0].local.work();
    assert_eq!(work("local = { steps = 9 }"), Work::Steps(9));
    assert_eq!(work("local = { batch = 9 }"), Work::Epochs(1));
    let both = said(&stage("local = { steps = 9, epochs = 2 }"));
    assert_eq!(both, ["stage[0].local: needs either `epochs` or `steps`, not 2"]);
}

#[test]
fn rounds_are_said_by_stages_or_by_the_total() {
    let both = format!("{DENSE}\n[[stage]]\nname = \"a\"\nrounds = 1");
    assert_eq!(said(&both), ["rounds.total: a recipe with stages takes its rounds from them: leave rounds.total out"]);
    assert_eq!(said(&DENSE.replace("total = 10", "")), ["rounds.total: is missing: this key has no default"]);
}

#[test]
fn a_file_for_a_newer_program_says_so_whatever_else_it_holds() {
    let sentence = "version: the recipe has version 2, but this program reads versions up to 1: update the program";
    let with = |version: u32, more: &str| format!("version = {version}\n{DENSE}{more}");
    assert_eq!(refused(&with(2, "")), sentence);
    assert_eq!(refused(&with(2, "dreams = { kind = \"lucid\" }")), sentence);
    assert!(RawRecipe::from_toml(&with(1, "")).and_then(RawRecipe::check).is_ok());
    assert_eq!(refused(&with(0, "")), "version = 0 must be at least 1");
    assert!(refused(&with(1, "dreams = 1")).contains("unknown field `dreams`"));
    let json = read(DENSE).check().expect("legal").to_json().replacen('{', r#"{"version":2,"dreams":1,"#, 1);
    assert_eq!(RawRecipe::from_json(&json).and_then(RawRecipe::check).expect_err("newer").to_string(), sentence);
}

#[test]
fn an_unknown_key_is_refused_with_its_line_and_the_keys_that_there_are() {
    let error = refused(&DENSE.replace("epochs = 1", "epoch = 1"));
    assert!(
        error.contains("line 6") && error.contains("unknown field `epoch`, expected one of `epochs`, `steps`"),
        "{error}"
    );
    let error = refused(&DENSE.replace("\"mean\"", "\"meen\""));
    assert!(
        error.contains("line 7") && error.contains("unknown variant `meen`") && error.contains("`trimmed_mean`"),
        "{error}"
    );
    let error = refused(&format!("{DENSE}\n[evaluate]\nevery = 2\nevry = 3"));
    assert!(error.contains("line 11") && error.contains("unknown field `evry`, expected `every`"), "{error}");
}

#[test]
fn all_problems_come_at_once() {
    let recipe = BASE
        .replace("batch = 5", "batch = 0, held_out = 0.9")
        .replace("learning_rate = 0.1", "learning_rate = -1")
        .replace(r#"decider = { kind = "server" }"#, r#"decider = { kind = "majority" }"#)
        .replace(r#"scope = { kind = "layer_equal" }"#, r#"scope = { kind = "global" }"#);
    let recipe = format!("{recipe}\nschedule = {{ kind = \"linear\", to = 2 }}\n[rounds]\nquorum = 0");
    let all = said(&recipe);
    let expected = [
        "rounds.quorum = 0 must be above 0 and at most 1",
        "local.batch = 0 must be from 1 to 65535",
        "local.held_out = 0.9 must be from 0 to 0.5",
        "local.optimizer.learning_rate = -1 must be above 0 and at most 10",
        "mask.schedule.to = 2 must be above 0 and at most 1",
        "rounds.total: is missing",
        "mask.scope: global divides the budget",
    ];
    assert_eq!(all.len(), expected.len(), "{all:#?}");
    assert!(all.iter().zip(expected).all(|(all, expected)| all.starts_with(expected)), "{all:#?}");
}

#[test]
fn every_key_that_is_missing_is_named() {
    let recipe = r#"
        name = "bare"
        about = "A test."
        model = {}
        mask = { pattern = { kind = "unit" } }
        [[stage]]
        name = "a"
        rounds = 1
        [[stage]]
        name = "b"
        rounds = 1
        aggregation = { kind = "mean" }
        mask = { criterion = { kind = "random" } }
    "#;
    let keys: Vec<String> = problems(recipe)
        .into_iter()
        .map(|it| match it {
            Problem::Rule { key, .. } => key,
            Problem::Range(it) => it.key,
        })
        .collect();
    let of = |stage: usize, keys: &[&str]| keys.iter().map(|it| format!("stage[{stage}].{it}")).collect::<Vec<_>>();
    let local = ["local.batch", "local.optimizer"];
    let mask = ["mask.scope", "mask.dynamics", "mask.decider"];
    let first = [&local[..], &["mask.criterion"], &mask[..], &["aggregation"]].concat();
    let second = [&local[..], &mask[..]].concat();
    assert_eq!(keys, [of(0, &first), of(1, &second), vec!["model".into()]].concat());
}

#[test]
fn a_model_that_cannot_be_made_is_one_problem_among_others() {
    let recipe = DENSE.replace("units = 8", "units = 0").replace("batch = 5", "batch = 0");
    let faults = ["model.layers[0].units = 0 must be from 1 to 1000000", "local.batch = 0 must be from 1 to 65535"];
    assert_eq!(said(&recipe), faults);
    let recipe = DENSE.replace("input = [2]", "input = [2, 2, 2]").replace("epochs = 1, ", "");
    let all = said(&recipe);
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(all[0].starts_with("model: layer 1 (linear)") && all[1].starts_with("local: needs either"), "{all:?}");
}

#[test]
fn a_recipe_that_is_written_again_is_the_same_recipe() {
    for text in [DENSE.to_owned(), format!("{BASE}\nschedule = {{ kind = \"once\", keep = 0.5 }}\n[rounds]\ntotal = 4")]
    {
        let recipe = checked(&text);
        let again = RawRecipe::from_json(&recipe.to_json()).expect("written by us");
        assert_eq!((&again, again.clone().check().expect("legal")), (recipe.raw(), recipe.clone()));
        assert!(!recipe.to_json().contains("null"), "{}", recipe.to_json());
    }
}
