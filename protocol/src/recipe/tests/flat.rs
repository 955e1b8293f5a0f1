//! Flat: recipes in the first version's form keep their meaning.

use super::*;
use crate::afterwards::Origin;
use crate::schedules::Reach;

const FLAT: [(&str, &str); 5] = [
    ("fedavg", include_str!("flat/fedavg.toml")),
    ("mpfl", include_str!("flat/mpfl.toml")),
    ("spoken-digits", include_str!("flat/spoken-digits.toml")),
    ("topics", include_str!("flat/topics.toml")),
    ("voted", include_str!("flat/voted.toml")),
];

/// A recipe that diverges, as a user wrote it.
fn diverging(batch: u16, learning_rate: &str) -> String {
    format!(
        r#"
        name = "fedavg"
        about = "Every client trains the whole network."
        [model]
        name = "lenet-300-100"
        [rounds]
        total = 20
        [local]
        epochs = 1
        batch = {batch}
        optimizer = {{ kind = "sgd", learning_rate = {learning_rate} }}
        [aggregation]
        kind = "mean"
        "#
    )
}

fn flat(name: &str) -> Recipe {
    let (_, text) = FLAT.iter().find(|it| it.0 == name).expect("one of the five");
    read(text).over(1000).check().expect("legal")
}

/// The geometric schedule of the first version: levels, the round of the first event, rounds between events, final
/// density.
struct Geometric {
    levels: u32,
    start: u32,
    every: u32,
    target: f64,
}

impl Geometric {
    /// Share of units alive after a round is committed.
    fn density_after(&self, round: u32) -> f64 {
        let Some(since) = round.checked_sub(self.start) else { return 1.0 };
        let level = (since / self.every + 1).min(self.levels);
        self.target.powf(f64::from(level) / f64::from(self.levels))
    }

    /// The first round after which density no longer changes.
    fn settles_after(&self) -> u32 {
        self.start + (self.levels - 1) * self.every
    }

    /// Checks that every round asks for a vote while more units are alive than the density says, and for an update
    /// unless a recipe that rewinds is still searching.
    fn holds_for(&self, recipe: &Recipe, rewinds: bool) {
        let sizes: Vec<u32> = recipe.groups().rows.iter().map(|it| it.len() as u32).collect();
        let mut before = sizes.clone();
        for (round, run) in (0..).zip(run(recipe, &Course::whole(recipe))) {
            let keep = |size: &u32| ((f64::from(*size) * self.density_after(round)).round() as u32).max(1);
            let after: Vec<u32> = sizes.iter().map(keep).collect();
            let quotas: Vec<u32> = before.iter().zip(&after).map(|(before, after)| before - after).collect();
            let votes = quotas.iter().any(|it| *it > 0).then_some(quotas);
            let is_search = rewinds && round <= self.settles_after();
            let name = &recipe.raw().name;
            assert_eq!((&run.needs.quotas, run.needs.update), (&votes, !is_search), "{name}, round {round}");
            assert_eq!(run.alive, after, "{name}, round {round}");
            before = after;
        }
    }
}

#[test]
fn the_five_recipes_train_as_they_did() {
    let work = |name: &str| {
        let recipe = flat(name);
        let [stage] = recipe.stages() else { panic!("{name} has one stage") };
        let local = &stage.local;
        assert_eq!((local.steps, local.samples, local.held_out, stage.repeat), (None, None, 0.1, 1), "{name}");
        assert_eq!((stage.evaluate_every, stage.until.ends_early(), stage.cohort.name()), (1, false, "all"), "{name}");
        assert_eq!((stage.coding.up.name(), stage.coding.down.name()), ("f32", "f32"), "{name}");
        assert_eq!(stage.aggregation.weight(7), 7, "{name}: an update is weighted by its samples");
        assert_eq!((recipe.raw().rounds.quorum, recipe.checkpoints().rounds), (0.5, 1), "{name}");
        (stage.rounds, local.epochs, local.batch, local.optimizer.name(), local.optimizer.learning_rate(0))
    };
    assert_eq!(work("fedavg"), (20, Some(1), 50, "sgd", 0.1));
    assert_eq!(work("mpfl"), (24, Some(1), 50, "sgd", 0.1));
    assert_eq!(work("spoken-digits"), (40, Some(2), 32, "adam", 0.005));
    assert_eq!(work("topics"), (30, Some(1), 64, "adam", 0.002));
    assert_eq!(work("voted"), (20, Some(1), 50, "sgd", 0.1));
}

#[test]
fn a_learning_rate_falls_with_the_rounds_of_the_session() {
    let digits = flat("spoken-digits");
    let rate = |it: u32| digits.stages()[0].local.optimizer.learning_rate(it);
    // floor + (1 − floor) · (1 + cos(π · 20 / 40)) / 2 = 0.525 half-way.
    assert!((rate(20) - 0.005 * 0.525).abs() < 1e-9 && (rate(40) - 0.005 * 0.05).abs() < 1e-9);
    let course = Course::whole(&digits);
    let into: Vec<u32> = run(&digits, &course).iter().map(|it| course.rounds_into_stage(it.place)).collect();
    assert_eq!(into, (0..40).collect::<Vec<_>>());
}

#[test]
fn dense_recipes_ask_for_updates_and_keep_everything() {
    for name in ["fedavg", "topics"] {
        let recipe = flat(name);
        assert!(!recipe.prunes());
        for it in run(&recipe, &Course::whole(&recipe)) {
            assert_eq!((it.needs.event, it.needs.update, it.needs.quotas, it.needs.part), (None, true, None, None));
        }
    }
}

#[test]
fn masks_fall_after_the_rounds_and_to_the_densities_that_they_did() {
    Geometric { levels: 9, start: 0, every: 1, target: 0.387 }.holds_for(&flat("mpfl"), true);
    Geometric { levels: 8, start: 1, every: 1, target: 0.3 }.holds_for(&flat("voted"), false);
    Geometric { levels: 5, start: 15, every: 1, target: 0.5 }.holds_for(&flat("spoken-digits"), false);
}

#[test]
fn only_mpfl_takes_weights_back() {
    let origin = |name: &str| flat(name).stages()[0].mask.as_ref().map(|it| it.afterwards.origin());
    let all = FLAT.map(|it| origin(it.0));
    assert_eq!(all, [None, Some(Origin::Start), Some(Origin::Held), None, Some(Origin::Held)]);
}

#[test]
fn units_of_all_hidden_layers_are_pruned_by_all_that_belongs_to_them() {
    let voted = flat("voted");
    let pruning = voted.stages()[0].mask.as_ref().expect("it prunes");
    assert_eq!(pruning.schedule.reach(), Reach::Round(8));
    assert_eq!(pruning.criterion.factors()[0].over, crate::choices::Over::All);
    let rows: Vec<usize> = voted.groups().rows.iter().map(|it| it.len()).collect();
    assert_eq!(rows, [300, 100]);
}

#[test]
fn recipes_that_diverge_are_legal() {
    for (batch, rate, expected) in [(50, "10.0", 10.0), (10, "2.0", 2.0), (2, "0.3", 0.3), (2, "0.4", 0.4)] {
        let recipe = checked(&diverging(batch, rate));
        let local = &recipe.stages()[0].local;
        assert_eq!((local.batch, local.optimizer.learning_rate(19)), (batch, expected));
        assert!(recipe.warnings().is_empty() && !recipe.prunes());
    }
}
