//! What is simulated is what sockets would have come to, to the bit: whatever the number of threads, however often it is
//! stopped and gone on with.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use e2e::command::pleach;
use e2e::made_up;
use pleach::opening::{Opening, Wish};
use pleach::simulate::Simulation;
use serde_json::Value;

const N_CLIENTS: u32 = 4;
const SEED: u64 = 3;
const EXPORTS: [&str; 2] = ["compact.safetensors", "dense.safetensors"];

/// The made-up recipes, over a model of digits.
fn recipes(folder: &Path) -> Vec<(&'static str, PathBuf)> {
    let digits = |text: &str| {
        let wider = text.replace("input = [2]", "input = [784]").replace("units = 2 }", "units = 10 }");
        wider.replace("batch = 2,", "batch = 20,")
    };
    let written = |(name, text): &(&'static str, &str)| {
        let file = folder.join(format!("{name}.toml"));
        fs::write(&file, digits(text)).expect("written");
        (*name, file)
    };
    made_up::RECIPES.iter().map(written).collect()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary paths are text")
}

/// What was pruned and learned, and what each round moved.
fn outcome(dir: &Path) -> (Vec<Vec<u8>>, Vec<[Value; 5]>) {
    let exports = EXPORTS.iter().map(|it| fs::read(dir.join(it)).expect("an export")).collect();
    let metrics = fs::read_to_string(dir.join("metrics.jsonl")).expect("a line a round");
    let of_line = |line: &str| {
        let line: Value = serde_json::from_str(line).expect("a line of JSON");
        ["round", "loss", "density", "bytes_plans", "bytes_contributions"].map(|it| line[it].clone())
    };
    (exports, metrics.lines().map(of_line).collect())
}

#[test]
fn sockets_come_to_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, recipe) in recipes(folder.path()) {
        let [live, simulated] = ["live", "simulated"].map(|it| folder.path().join(format!("{name}-{it}")));
        let (seed, n) = (SEED.to_string(), N_CLIENTS.to_string());
        let crew = ["--practice", &n, "--parts", &n, "--min-clients", &n, "--device", "cpu", "--bind", "127.0.0.1:0"];
        let host = ["host", "--recipe", text(&recipe), "--seed", &seed, "--exit", "--state", text(&live)];
        pleach(&[&host[..], &crew].concat());
        pleach(&["simulate", text(&recipe), "--clients", &n, "--seed", &seed, "--out", text(&simulated)]);
        let (live, simulated) = (outcome(&live), outcome(&simulated));
        assert!(live.1.iter().all(|it| it.iter().all(|it| !it.is_null())), "{name}: {:?}", live.1);
        assert_eq!(live.1, simulated.1, "{name}");
        assert!(live.0 == simulated.0, "{name}: the same weights and masks to the bit");
    }
}

fn opening(recipe: &Path) -> Opening {
    Opening::new(Wish {
        recipe: text(recipe).into(),
        data: None,
        partition: "dirichlet:1".parse().expect("a partition"),
        corrupt: vec![],
        parts: N_CLIENTS,
        rounds: None,
        seed: SEED,
    })
    .expect("it can be opened")
}

/// Runs to the end, or until the round that is open is over; gives whether that was the end.
fn simulate(opening: &Opening, out: &Path, threads: usize, stop: bool) -> bool {
    let simulation = Simulation::new(opening.clone(), SEED, Some(out)).expect("the folder holds this run");
    simulation.run(threads, &AtomicBool::new(stop)).expect("everyone trains").done
}

/// All but the bytes of plans: clients that are made anew are sent the mask again.
fn learned((exports, rounds): (Vec<Vec<u8>>, Vec<[Value; 5]>)) -> (Vec<Vec<u8>>, Vec<[Value; 4]>) {
    let but_plans = |[round, loss, density, _, contributions]: [Value; 5]| [round, loss, density, contributions];
    (exports, rounds.into_iter().map(but_plans).collect())
}

#[test]
fn threads_and_stops_change_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, recipe) in recipes(folder.path()) {
        let at = |run: &str| folder.path().join(format!("{name}-{run}"));
        let opening = opening(&recipe);
        for threads in [1, 2, 4] {
            assert!(simulate(&opening, &at(&threads.to_string()), threads, false), "{name} ends");
        }
        let mut n_runs = 1;
        while !simulate(&opening, &at("stopped"), 2, true) {
            n_runs += 1;
            assert!(n_runs < 100, "{name} goes on where it stopped");
        }
        assert!(n_runs > 3, "{name} stopped {n_runs} times");
        let alone = outcome(&at("1"));
        for run in ["2", "4"] {
            assert!(alone == outcome(&at(run)), "{name}: {run} threads");
        }
        let (alone, stopped) = (learned(alone), learned(outcome(&at("stopped"))));
        assert_eq!(alone.1, stopped.1, "{name} stopped");
        assert!(alone.0 == stopped.0, "{name} stopped: the same weights and masks to the bit");
        let measured = |run: &str| {
            let metrics = fs::read_to_string(at(run).join("metrics.jsonl")).expect("a line a round");
            metrics.lines().filter(|it| !it.contains("\"test\":null")).count()
        };
        assert_eq!(measured("1"), measured("stopped"), "{name}: what was measured is kept");
    }
}
