//! Course: stages in a session that is shorter or longer than the recipe.

use proptest::prelude::*;

use super::*;
use crate::choices::Of;

/// Stages that inherit pruning by units.
fn stages(all: &[&str]) -> Recipe {
    let all: Vec<String> = all.iter().map(|it| format!("[[stage]]\n{it}\n")).collect();
    checked(&format!("{BASE}\n{}", all.concat()))
}

fn flat(rounds: u32, schedule: &str) -> Recipe {
    checked(&format!("{BASE}\nschedule = {schedule}\n[rounds]\ntotal = {rounds}"))
}

/// Number of rounds of every level of every stage.
fn levels(course: &Course) -> Vec<Vec<u32>> {
    course.lengths().iter().map(|it| (0..it.repeat).map(|level| it.of_level(level)).collect()).collect()
}

/// Rounds, from 0, that end in a mask event, with their budgets.
fn events(recipe: &Recipe, course: &Course) -> Vec<(u32, Budget)> {
    let runs = run(recipe, course);
    (0..).zip(runs).filter_map(|(round, it)| Some((round, it.needs.event?))).collect()
}

/// Lottery tickets: sixteen levels of 500 rounds, then 500 more for the last ticket.
fn tickets() -> Recipe {
    let level = "name = \"level\"\nrounds = 500\nrepeat = 16\nmask = { schedule = { kind = \"level\", drop = 0.2 }, afterwards = { kind = \"rewind\" } }";
    stages(&[level, "name = \"last\"\nrounds = 500\nmask = { schedule = { kind = \"never\" } }"])
}

#[test]
fn a_session_as_long_as_the_recipe_is_the_recipe() {
    let recipe = tickets();
    let whole = Course::whole(&recipe);
    assert_eq!(whole.total(), 8500);
    assert_eq!(Course::of(&recipe, 8500), whole);
    assert_eq!(levels(&whole), [vec![500; 16], vec![500]]);
}

#[test]
fn levels_are_shortened_before_there_are_fewer_of_them() {
    let recipe = tickets();
    let of = |rounds: u32| levels(&Course::of(&recipe, rounds));
    assert_eq!(of(850), [vec![50; 16], vec![50]]);
    // 8,000 of 8,500 rounds are levels: 24 · 0.94 = 22.6, and 1.4.
    assert_eq!(of(24), [[vec![2; 7], vec![1; 9]].concat(), vec![1]]);
    // 6 · 0.94 = 5.6 and 0.4; every stage has at least one round.
    assert_eq!(of(6), [vec![1; 5], vec![1]]);
    assert_eq!(of(3), [vec![1; 2], vec![1]]);
}

#[test]
fn a_level_that_is_left_drops_as_much_as_the_recipe_says() {
    let recipe = tickets();
    for rounds in [3, 6, 24, 850, 8500, 9000] {
        let events = events(&recipe, &Course::of(&recipe, rounds));
        let drops: Vec<Budget> = events.iter().map(|it| it.1).collect();
        let expected = |nth: usize| Budget::Drop { share: Some(0.2), of: Of::Remaining, nth: nth as u32 };
        assert_eq!(drops, (1..=drops.len()).map(expected).collect::<Vec<_>>(), "{rounds}");
        assert_eq!(drops.len(), Course::of(&recipe, rounds).length(0).repeat as usize, "{rounds}");
    }
}

#[test]
fn where_even_the_least_is_too_long_the_least_runs() {
    let recipe = tickets();
    for rounds in [0, 1, 2, 3] {
        assert_eq!(Course::of(&recipe, rounds), Course::least(&recipe));
        assert_eq!(Course::of(&recipe, rounds).total(), 3);
    }
}

#[test]
fn levels_that_drop_nothing_are_not_all_that_is_left() {
    let level = |first: u32| {
        let schedule = format!("{{ kind = \"level\", drop = 0.2, first = {first} }}");
        let level = format!("name = \"a\"\nrounds = 5\nrepeat = 6\nmask = {{ schedule = {schedule} }}");
        Course::least(&stages(&[&level])).total()
    };
    assert_eq!([0, 1, 2, 5].map(level), [2, 2, 3, 6]);
}

#[test]
fn events_that_fit_stay_where_they_are() {
    // Eight events after rounds 1 to 8: a session of 12 rounds merely ends earlier.
    let recipe = flat(20, r#"{ kind = "geometric", target_density = 0.3, levels = 8, start = 1 }"#);
    let whole = events(&recipe, &Course::whole(&recipe));
    assert_eq!(whole.iter().map(|it| it.0).collect::<Vec<_>>(), (1..9).collect::<Vec<_>>());
    for rounds in [9, 12, 20, 40] {
        assert_eq!(events(&recipe, &Course::of(&recipe, rounds)), whole, "{rounds}");
    }
}

#[test]
fn events_that_do_not_fit_move_closer_and_end_at_the_same_density() {
    let recipe = flat(20, r#"{ kind = "geometric", target_density = 0.25, levels = 4, start = 3, every = 4 }"#);
    // The recipe's events follow its rounds 3, 7, 11 and 15; each of five rounds stands for four of the recipe's.
    let keep = |level: f64| Budget::Keep(0.25_f64.powf(level / 4.0));
    let short = events(&recipe, &Course::of(&recipe, 5));
    assert_eq!(short, [(0, keep(1.0)), (1, keep(2.0)), (2, keep(3.0)), (3, keep(4.0))]);
    assert_eq!(events(&recipe, &Course::of(&recipe, 2)), [(0, keep(2.0)), (1, keep(4.0))]);
    assert_eq!(events(&recipe, &Course::of(&recipe, 1)), [(0, keep(4.0))]);
}

#[test]
fn what_is_spread_over_a_stage_is_spread_over_a_shorter_and_a_longer_one() {
    let rounds =
        |recipe: &Recipe, n: u32| events(recipe, &Course::of(recipe, n)).iter().map(|it| it.0).collect::<Vec<_>>();
    let once = flat(10, r#"{ kind = "once", keep = 0.5 }"#);
    assert_eq!([1, 4, 10, 30].map(|it| rounds(&once, it)), [[0], [3], [9], [29]]);
    let ramp = flat(10, r#"{ kind = "ramp", to = 0.5, steps = 5 }"#);
    assert_eq!(rounds(&ramp, 10), [1, 3, 5, 7, 9]);
    assert_eq!(rounds(&ramp, 5), [0, 1, 2, 3, 4]);
    assert_eq!(rounds(&ramp, 20), [3, 7, 11, 15, 19]);
}

#[test]
fn what_comes_every_few_rounds_goes_on_in_a_longer_stage() {
    let resample = checked(
        &format!("{BASE}\nschedule = {{ kind = \"hold\", keep = 0.5, every = 2 }}\n[rounds]\ntotal = 4")
            .replace(r#"{ kind = "magnitude", over = "own" }"#, r#"{ kind = "random" }"#)
            .replace(r#""monotone""#, r#""resample""#)
            .replace(r#""mean""#, r#""by_all""#),
    );
    let parts: Vec<bool> = run(&resample, &Course::of(&resample, 8)).iter().map(|it| it.needs.part.is_some()).collect();
    assert_eq!(parts, [false, true].repeat(4));
}

#[test]
fn the_last_stage_is_the_one_that_is_longer() {
    let recipe = stages(&[
        "name = \"a\"\nrounds = 4\nmask = { schedule = { kind = \"once\", keep = 0.5 } }",
        "name = \"b\"\nrounds = 3\nrepeat = 2\nmask = { schedule = { kind = \"level\", drop = 0.1 } }",
    ]);
    let course = Course::of(&recipe, 13);
    assert_eq!(levels(&course), [vec![4], vec![5, 4]]);
    assert_eq!(events(&recipe, &course).iter().map(|it| it.0).collect::<Vec<_>>(), [3, 8, 12]);
}

#[test]
fn places_follow_one_another_and_know_where_they_are() {
    let course = Course::of(&tickets(), 24);
    let mut place = Place::default();
    let (mut ends, mut into) = (vec![], vec![]);
    while course.has(place) {
        into.push(course.rounds_into_stage(place));
        ends.push((course.ends_level(place), course.ends_stage(place)));
        place = course.after(place);
    }
    assert_eq!(into, (0..23).chain([0]).collect::<Vec<_>>());
    assert_eq!(ends.iter().filter(|it| it.0).count(), 17);
    let at = |it: usize| (ends[it].0, ends[it].1);
    assert_eq!(
        [at(0), at(1), at(21), at(22), at(23)],
        [(false, false), (true, false), (true, false), (true, true), (true, true)]
    );
}

/// A stage with one of several schedules, with its rounds and levels.
fn stage(schedule: usize, rounds: u32, repeat: u32) -> String {
    let schedules = [
        r#"{ kind = "never" }"#,
        r#"{ kind = "once", keep = 0.5 }"#,
        r#"{ kind = "level", drop = 0.1 }"#,
        r#"{ kind = "level", drop = 0.1, of = "total", first = 2 }"#,
        r#"{ kind = "geometric", target_density = 0.3, levels = 3, every = 2 }"#,
        r#"{ kind = "linear", to = 0.4, every = 3 }"#,
        r#"{ kind = "ramp", to = 0.4, steps = 4 }"#,
        r#"{ kind = "hold", keep = 0.5, every = 4 }"#,
    ];
    format!("rounds = {rounds}\nrepeat = {repeat}\nmask = {{ schedule = {} }}", schedules[schedule])
}

/// Recipes of one to four stages; the first one prunes.
fn recipes() -> impl Strategy<Value = Recipe> {
    let one = (0..8_usize, 1..30_u32, prop_oneof![Just(1_u32), 1..7_u32]);
    prop::collection::vec(one, 1..5).prop_filter_map("valid recipes only", |all| {
        let named = |(at, (schedule, rounds, repeat)): (usize, &(usize, u32, u32))| {
            format!("[[stage]]\nname = \"s{at}\"\n{}\n", stage(*schedule, *rounds, *repeat))
        };
        let all: Vec<String> = all.iter().enumerate().map(named).collect();
        read(&format!("{BASE}\n{}", all.concat())).check().ok()
    })
}

proptest! {
    #[test]
    fn a_session_has_the_rounds_that_it_is_asked_for((recipe, rounds) in (recipes(), 0..900_u32)) {
        let (whole, least, course) = (Course::whole(&recipe), Course::least(&recipe), Course::of(&recipe, rounds));
        prop_assert_eq!(course.total(), rounds.max(least.total()));
        prop_assert_eq!(run(&recipe, &course).len() as u32, course.total());
        for (now, whole) in course.lengths().iter().zip(whole.lengths()) {
            prop_assert!(now.rounds >= 1 && now.repeat <= whole.repeat);
            prop_assert!(now.repeat >= whole.repeat.min(2));
        }
    }

    #[test]
    fn a_stage_with_mask_events_keeps_one_at_least((recipe, rounds) in (recipes(), 0..300_u32)) {
        let pruned = |course: &Course| {
            let is_event = |it: &Run| !matches!(it.needs.event, None | Some(Budget::Same));
            let runs = run(&recipe, course);
            let stages: std::collections::BTreeSet<u16> = runs.iter().filter(|it| is_event(it)).map(|it| it.place.stage).collect();
            stages
        };
        let whole = Course::whole(&recipe);
        prop_assert_eq!(pruned(&Course::of(&recipe, rounds.min(whole.total()))), pruned(&whole));
    }

    #[test]
    fn a_shorter_session_ends_at_the_density_of_the_recipe(rounds in 1..40_u32, schedule in 4..7_usize, n in 1..80_u32) {
        let text = format!("{BASE}\n[[stage]]\nname = \"a\"\n{}", stage(schedule, rounds, 1));
        let recipe = checked(&text);
        let end = |course: &Course| run(&recipe, course).last().map(|it| it.alive.clone());
        prop_assert_eq!(end(&Course::of(&recipe, n.min(rounds))), end(&Course::whole(&recipe)));
    }
}
