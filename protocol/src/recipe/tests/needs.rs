//! Needs: what travels in a round follows from what reads it.

use proptest::prelude::*;

use super::*;
use crate::choices::Draw;

fn flat(rounds: u32, mask: &str, decider: &str) -> Recipe {
    let text = format!("{BASE}\n{mask}\n[rounds]\ntotal = {rounds}");
    checked(&text.replace(r#"kind = "server""#, &format!("kind = \"{decider}\"")))
}

/// For every round, whether updates travel and whether votes do.
fn travels(recipe: &Recipe) -> Vec<(bool, bool)> {
    run(recipe, &Course::whole(recipe)).iter().map(|it| (it.needs.update, it.needs.quotas.is_some())).collect()
}

const UPDATE: (bool, bool) = (true, false);
const VOTE: (bool, bool) = (false, true);
const BOTH: (bool, bool) = (true, true);

/// A recipe in which clients vote and weights are rewound.
fn search(schedule: &str) -> Recipe {
    flat(6, &format!("schedule = {schedule}\nafterwards = {{ kind = \"rewind\" }}"), "vote_rank")
}

#[test]
fn a_search_for_masks_asks_for_votes_alone() {
    let levels = search(r#"{ kind = "geometric", target_density = 0.4, levels = 4 }"#);
    assert_eq!(travels(&levels), [VOTE, VOTE, VOTE, VOTE, UPDATE, UPDATE]);
}

#[test]
fn rounds_between_votes_train_for_the_next_one() {
    let every_other = search(r#"{ kind = "geometric", target_density = 0.4, levels = 3, every = 2 }"#);
    assert_eq!(travels(&every_other), [VOTE, UPDATE, VOTE, UPDATE, VOTE, UPDATE]);
    let later = search(r#"{ kind = "geometric", target_density = 0.4, levels = 2, start = 2 }"#);
    assert_eq!(travels(&later), [UPDATE, UPDATE, VOTE, VOTE, UPDATE, UPDATE]);
}

#[test]
fn a_level_too_small_to_drop_anything_takes_its_weights_back_all_the_same() {
    // 0.97 of eight units are 7.76, rounded to eight.
    let recipe = search(r#"{ kind = "geometric", target_density = 0.8, levels = 7 }"#);
    let first = &run(&recipe, &Course::whole(&recipe))[0];
    assert!(first.needs.event.is_some() && first.needs.update && first.needs.quotas.is_none());
    assert_eq!(first.alive, [8]);
    let kept = flat(6, "schedule = { kind = \"geometric\", target_density = 0.8, levels = 7 }", "vote_rank");
    let first = &run(&kept, &Course::whole(&kept))[0];
    assert!(first.needs.event.is_none() && first.needs.update && first.needs.quotas.is_none());
}

#[test]
fn votes_beside_weights_that_stay_need_updates_too() {
    let voted = flat(4, "schedule = { kind = \"linear\", to = 0.5, until = 1.0, every = 2 }", "majority");
    assert_eq!(travels(&voted), [UPDATE, BOTH, UPDATE, BOTH]);
}

#[test]
fn lottery_tickets_need_updates_in_the_round_that_takes_weights_back() {
    let tickets = flat(3, "schedule = { kind = \"level\", drop = 0.2 }\nafterwards = { kind = \"rewind\" }", "server");
    assert_eq!(travels(&tickets), [UPDATE; 3]);
    let events: Vec<bool> = run(&tickets, &Course::whole(&tickets)).iter().map(|it| it.needs.event.is_some()).collect();
    assert_eq!(events, [false, false, true]);
}

fn resample(schedule: &str, dynamics: &str) -> Recipe {
    let text = format!("{BASE}\nschedule = {schedule}\n[rounds]\ntotal = 4")
        .replace(r#"{ kind = "magnitude", over = "own" }"#, r#"{ kind = "random" }"#)
        .replace(r#"{ kind = "monotone" }"#, dynamics)
        .replace(r#""mean""#, r#""by_holders""#);
    checked(&text)
}

#[test]
fn parts_are_drawn_round_by_round_and_leave_the_whole_alone() {
    let recipe = resample(r#"{ kind = "hold", keep = 0.75 }"#, r#"{ kind = "resample" }"#);
    for it in run(&recipe, &Course::whole(&recipe)) {
        assert_eq!((it.needs.part, it.needs.event), (Some((Draw::Client, vec![6])), None));
        assert!(it.needs.update && it.needs.quotas.is_none());
    }
    let recipe = resample(r#"{ kind = "linear", to = 0.5, until = 1.0 }"#, r#"{ kind = "resample", draw = "round" }"#);
    let parts: Vec<_> = run(&recipe, &Course::whole(&recipe)).into_iter().map(|it| it.needs.part).collect();
    assert_eq!(parts, [7, 6, 5, 4].map(|it| Some((Draw::Round, vec![it]))));
}

#[test]
fn a_model_is_measured_every_few_rounds_of_a_stage_and_at_the_end() {
    let recipe = checked(&format!("{DENSE}\nevaluate = {{ every = 4 }}"));
    let measured = |recipe: &Recipe| {
        let runs = run(recipe, &Course::whole(recipe));
        (0..runs.len()).filter(|it| runs[*it].needs.evaluates).collect::<Vec<_>>()
    };
    assert_eq!(measured(&recipe), [3, 7, 9]);
    let stages = "[[stage]]\nname = \"a\"\nrounds = 5\nevaluate = { every = 2 }\n[[stage]]\nname = \"b\"\nrounds = 4";
    let recipe = checked(&format!("{}\nevaluate = {{ every = 3 }}\n{stages}", DENSE.replace("total = 10", "")));
    assert_eq!(measured(&recipe), [1, 3, 7, 8]);
}

/// Every schedule, some with several sets of keys.
const SCHEDULES: [&str; 13] = [
    r#"kind = "never""#,
    r#"kind = "once", keep = 0.5"#,
    r#"kind = "once", keep = 1.0"#,
    r#"kind = "level""#,
    r#"kind = "level", drop = 0.1"#,
    r#"kind = "level", drop = 0.01, first = 1"#,
    r#"kind = "geometric", target_density = 0.8, levels = 9"#,
    r#"kind = "geometric", target_density = 0.3, levels = 3, start = 2, every = 2"#,
    r#"kind = "linear", to = 0.2"#,
    r#"kind = "ramp", to = 0.5, steps = 3"#,
    r#"kind = "hold""#,
    r#"kind = "hold", keep = 0.5, every = 3"#,
    r#"kind = "free", every = 2"#,
];

/// One entry of each registry that decides what travels.
fn stage() -> impl Strategy<Value = String> {
    let one_of = |all: &'static [&'static str]| prop::sample::select(all);
    let criteria = one_of(&[
        r#"kind = "magnitude""#,
        r#"kind = "magnitude", norm = "l1", over = "own""#,
        r#"kind = "random""#,
        r#"kind = "gradient""#,
        r#"kind = "saliency""#,
        r#"kind = "product", of = [{ kind = "random" }]"#,
    ]);
    let scopes = one_of(&[
        r#"kind = "layer_equal""#,
        r#"kind = "layer_equal", rounding = "floor", round_what = "dropped""#,
        r#"kind = "layer_vector", drop = [0.3]"#,
        r#"kind = "layer_vector", keep = [0.6]"#,
        r#"kind = "global""#,
        r#"kind = "adaptive""#,
        r#"kind = "threshold", q = 0.5"#,
        r#"kind = "cost_global""#,
    ]);
    let schedules = one_of(&SCHEDULES);
    let dynamics = one_of(&[
        r#"kind = "monotone""#,
        r#"kind = "refine""#,
        r#"kind = "prune_grow", kappa = 0.5"#,
        r#"kind = "resample""#,
    ]);
    let afterwards = one_of(&["keep", "rewind", "reinit"]);
    let deciders = one_of(&["server", "vote_rank", "unanimity_first", "conservative_first", "majority", "borda"]);
    let evidence = one_of(&["none", "update"]);
    let aggregations = one_of(&["mean", "median", "by_all", "by_holders"]);
    let length = (1..7_u32, 1..5_u32);
    (criteria, scopes, schedules, dynamics, afterwards, deciders, evidence, aggregations, length).prop_map(
        |(criterion, scope, schedule, dynamics, afterwards, decider, evidence, aggregation, (rounds, repeat))| {
            format!(
                r#"
                rounds = {rounds}
                repeat = {repeat}
                aggregation = {{ kind = "{aggregation}" }}
                [stage.mask]
                criterion = {{ {criterion} }}
                scope = {{ {scope} }}
                schedule = {{ {schedule} }}
                dynamics = {{ {dynamics} }}
                afterwards = {{ kind = "{afterwards}" }}
                decider = {{ kind = "{decider}" }}
                evidence = {{ kind = "{evidence}" }}
                "#
            )
        },
    )
}

/// A recipe of these stages, with costs where something reads them.
fn recipe(stages: &[String]) -> Option<Recipe> {
    let named = |(at, it): (usize, &String)| format!("[[stage]]\nname = \"s{at}\"\n{it}");
    let all: Vec<String> = stages.iter().enumerate().map(named).collect();
    let text = format!("{BASE}\n{}", all.concat());
    let costs = "cost = { constant = 1.0, comm = 1.0, comp = [1.0], steps = 1 }";
    let with_costs = text.replace("[mask]", &format!("{costs}\n[mask]"));
    [text, with_costs].iter().find_map(|it| read(it).check().ok())
}

/// Random valid recipes: as many of the stages as are compatible.
fn legal() -> impl Strategy<Value = Recipe> {
    prop::collection::vec(stage(), 40).prop_filter_map("some stage is legal", |all| {
        let legal: Vec<String> = all.into_iter().filter(|it| recipe(std::slice::from_ref(it)).is_some()).collect();
        (1..=legal.len().min(4)).rev().find_map(|it| recipe(&legal[..it]))
    })
}

proptest! {
    #[test]
    fn no_round_of_a_legal_recipe_asks_for_nothing((recipe, rounds) in (legal(), 0..60_u32)) {
        for course in [Course::whole(&recipe), Course::of(&recipe, rounds)] {
            for it in run(&recipe, &course) {
                prop_assert!(it.needs.asks(), "{:?} of {}", it.place, recipe.to_json());
                prop_assert!(it.needs.part.is_none() || it.needs.event.is_none());
                prop_assert!(it.needs.quotas.iter().flatten().all(|quota| *quota < 8), "no voter drops everything");
            }
        }
    }
}

#[test]
fn made_up_recipes_are_many() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..60 {
        let recipe = legal().new_tree(&mut runner).expect("some are legal").current();
        for pruning in recipe.stages().iter().filter_map(|it| it.mask.as_ref()) {
            seen.extend([
                pruning.schedule.name(),
                pruning.scope.name(),
                pruning.dynamics.name(),
                pruning.decider.name(),
            ]);
            seen.insert(pruning.afterwards.name());
        }
    }
    assert!(seen.len() >= 20, "{seen:?}");
}
