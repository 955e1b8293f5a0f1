//! Every recipe that the command carries does what it says of itself: as short as it can be it ends with the groups that it
//! says, threads and sockets change nothing, `explain` says beforehand what it moves, and at full length it comes to the
//! published densities.

use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

use coordinator::session::View;
use e2e::stage::Stage;
use e2e::told;
use pleach::explain::explain;
use pleach::opening::{Dealt, Opening, Wish};
use pleach::recipes::{self, CARRIED};
use pleach::simulate::Simulation;
use pleach::summary::Summary;
use protocol::data::shard::Shard;
use protocol::random;
use protocol::recipe::{Course, Recipe};

const N_CLIENTS: u32 = 3;
const SAMPLES: u32 = 90;
const SEED: u64 = 4;

/// Name, and the least and the most that may be alive at the end of as few rounds as there can be, as a share of all groups.
const AT_LEAST_ROUNDS: &[(&str, [f64; 2])] = &[
    ("fedavg", [1.0; 2]),
    // 90 of 300 and 30 of 100 units.
    ("voted", [0.3; 2]),
    // Two levels: 8 → 7 → 6 and 16 → 14 → 13 filters; the classifier's 64 units count as alive.
    ("mpfl", [83.0 / 88.0; 2]),
    ("pruning_fl", [83.0 / 88.0; 2]),
    // 200 of the 400 columns of hidden layers; the ten of the classes are never pruned.
    ("federated_pruning", [210.0 / 410.0; 2]),
    // A tenth of 266,200 weights.
    ("federated_magnitude", [0.1; 2]),
    // The whole model is what lasts.
    ("federated_dropout", [1.0; 2]),
    // Weights: 53,244 of 266,200 · 0.2 each.
    ("federated_snip", [0.2; 2]),
    ("federated_ssfl", [0.2; 2]),
    // It finds out by itself.
    ("prunefl", [0.001, 1.0]),
    ("fedavitm", [1.0; 2]),
    // 40 of 200 neurons; the twenty topics are never pruned.
    ("normalprune_fedavitm", [60.0 / 220.0; 2]),
    ("fastprune_fedavitm", [60.0 / 220.0; 2]),
    // 48 of 96 filters.
    ("spoken-digits", [0.5; 2]),
    ("filter_ticket", [83.0 / 88.0; 2]),
    // Three prunings; how much is below the threshold depends on the weights.
    ("magnitude", [0.001, 0.6]),
    // Two levels: 150,528 + 19,200 + 810 of 266,200 weights.
    ("lottery_ticket", [170_538.0 / 266_200.0; 2]),
    // Two levels of a fifth.
    ("one_ticket", [0.64; 2]),
    ("weight_x_gradient", [0.64; 2]),
    // The first pruning and two levels.
    ("obd", [0.125; 2]),
    ("snip", [0.05; 2]),
];

/// Name, and how much is alive at the end of all rounds, where that is known before.
const AT_FULL_LENGTH: &[(&str, f64)] = &[
    ("voted", 0.3),
    // 8, 7, 6, 5 and from there half of a filter is none; 16, 14, 13 and so on to 6; and 64 units that nobody prunes.
    ("mpfl", 75.0 / 88.0),
    ("pruning_fl", 75.0 / 88.0),
    ("filter_ticket", 75.0 / 88.0),
    ("federated_magnitude", 0.1),
    // (265,200 · 0.8¹⁶ + 1,000 · 0.9¹⁶) / 266,200, and a few weights by rounding up.
    ("lottery_ticket", 0.02877),
    ("federated_snip", 0.2),
    ("federated_ssfl", 0.2),
    ("one_ticket", 0.06872),
    ("weight_x_gradient", 0.06872),
    ("obd", 0.0625),
    ("snip", 0.05),
];

/// The recipe with few samples for everyone: generated digits, or noise where its model takes something else.
fn opening(name: &str) -> Opening {
    let wish = |recipe: &str| Wish {
        recipe: recipe.into(),
        data: None,
        partition: "iid".parse().expect("a partition"),
        corrupt: vec![],
        parts: N_CLIENTS,
        rounds: None,
        seed: SEED,
    };
    let takes_digits = recipes::load(name).map_or(true, |it| it.model().sample_len() == 784);
    let opening = Opening::new(wish(if takes_digits { name } else { "fedavg" })).expect("it can be opened");
    let few = |it: &Shard| it.select(&(0..SAMPLES).collect::<Vec<_>>());
    let recipe = if takes_digits { opening.recipe.clone() } else { recipes::load(name).expect("legal") };
    let shaped = |(seed, it): (u64, &Shard)| if takes_digits { few(it) } else { noise(&recipe, seed) };
    let parts = (1..).zip(&opening.dealt.parts).map(shaped).collect();
    let (test, rounds) = (shaped((0, &opening.dealt.test)), Course::least(&recipe).total());
    Opening { dealt: Dealt { parts, test, ..opening.dealt }, rounds, recipe, ..opening }
}

/// Samples of random bytes.
fn noise(recipe: &Recipe, seed: u64) -> Shard {
    let (len, n_classes) = (recipe.model().sample_len(), recipe.model().n_classes().unwrap_or(1));
    let features = (0..len as u64 * u64::from(SAMPLES)).map(|it| random::below(seed, 1, it, 256) as u8).collect();
    let labels = (0..SAMPLES).map(|it| (it as usize % n_classes) as u8).collect();
    Shard::new(len as u32, n_classes as u32, features, labels)
}

/// How a run ends, and the weights and masks that it leaves.
struct Run {
    view: View,
    bits: Vec<Vec<u8>>,
}

const EXPORTS: [&str; 2] = ["compact.safetensors", "dense.safetensors"];

fn run(opening: &Opening, threads: usize) -> Run {
    let out = tempfile::tempdir().expect("a folder");
    let simulation = Simulation::new(opening.clone(), SEED, Some(out.path())).expect("the folder is new");
    let view = simulation.run(threads, &AtomicBool::new(false)).expect("everyone trains");
    let bits = EXPORTS.iter().map(|it| std::fs::read(out.path().join(it)).expect("an export")).collect();
    Run { view, bits }
}

/// Every carried recipe as short as it can be, in one thread.
fn alone() -> &'static [(&'static str, Run)] {
    static ALONE: OnceLock<Vec<(&'static str, Run)>> = OnceLock::new();
    ALONE.get_or_init(|| CARRIED.iter().map(|it| (it.name, run(&opening(it.name), 1))).collect())
}

#[test]
fn as_short_as_it_can_be_every_recipe_ends_with_the_groups_that_it_says() {
    let named: Vec<&str> = AT_LEAST_ROUNDS.iter().map(|it| it.0).collect();
    assert_eq!(named, CARRIED.iter().map(|it| it.name).collect::<Vec<_>>());
    for ((name, Run { view, .. }), (_, [least, most])) in alone().iter().zip(AT_LEAST_ROUNDS) {
        assert!(view.done && view.rounds_committed == opening(name).rounds, "{name}: {} rounds", view.rounds_committed);
        let density = view.unit_density;
        assert!((least - 1e-9..=most + 1e-9).contains(&density), "{name}: {density} is alive");
        let losses: Vec<f32> = view.history.iter().map(|it| it.loss).collect();
        assert!(losses.iter().all(|it| it.is_finite()), "{name}: {losses:?}");
    }
}

#[test]
fn two_and_four_threads_come_to_what_one_comes_to() {
    for (name, alone) in alone() {
        for threads in [2, 4] {
            let together = run(&opening(name), threads);
            assert!(alone.bits == together.bits, "{name}, {threads} threads: the same weights and masks to the bit");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_come_to_what_is_simulated_and_move_what_explain_says() {
    let (mut n_exact, mut n_rounds) = (0, 0);
    for (name, simulated) in alone() {
        let opening = opening(name);
        let (recipe, clients) = (opening.recipe.clone(), opening.dealt.parts.len() as u32);
        let told = explain(&recipe, &Course::least(&recipe), clients, SEED, SAMPLES as usize, vec![], None);
        let stage = Stage::open().await;
        let handle = stage.host_opening(opening, SEED);
        let view = stage.play(&handle, clients).await;
        let bits: Vec<Vec<u8>> = EXPORTS.iter().map(|it| handle.export(it).expect("an export")).collect();
        assert!(bits == simulated.bits, "{name}: the same weights and masks to the bit");
        for (of, view) in [("simulated", &simulated.view), ("over sockets", &view)] {
            let held = told::n_exact(&told, &Summary::of(view));
            n_exact += held.unwrap_or_else(|problem| panic!("{name} {of}: {problem}"));
            n_rounds += told.rounds.len();
        }
    }
    println!("{n_exact} of {n_rounds} rounds were told exactly, the others within bounds");
    assert!(n_exact * 4 > n_rounds * 3, "{n_exact} of {n_rounds} rounds were told exactly");
}

#[test]
fn at_full_length_recipes_come_to_the_densities_that_they_say() {
    for (name, expected) in AT_FULL_LENGTH {
        let recipe = recipes::load(name).expect("legal");
        let told = explain(&recipe, &Course::whole(&recipe), N_CLIENTS, SEED, SAMPLES as usize, vec![], None);
        let last = told.rounds.last().expect("a round");
        assert!(last.bounds.is_none() && (last.figures.density - expected).abs() < 5e-5, "{name}: {last:?}");
    }
}

#[test]
fn retraining_goes_on_at_a_tenth_of_the_rate() {
    let recipe = recipes::load("magnitude").expect("legal");
    let rates: Vec<f32> = recipe.stages().iter().map(|it| it.local.optimizer.learning_rate(0)).collect();
    assert_eq!(rates, [0.1, 0.01, 0.01]);
}
