//! Play: runs whole sessions in this process, several at a time, and each distinct session only once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::{Context, Result, anyhow};
use pleach::opening::{Opening, Wish};
use pleach::simulate::Simulation;

/// A session to play.
#[derive(Clone, Debug)]
pub(crate) struct Game {
    /// The recipe as TOML.
    pub(crate) text: String,
    pub(crate) data: PathBuf,
    pub(crate) clients: u32,
    /// Clients with corrupted data, in the syntax of `--corrupt`.
    pub(crate) corrupt: Option<&'static str>,
    /// Divisor of the recipe's rounds.
    pub(crate) part: u32,
    pub(crate) seed: u64,
}

/// Result of a session.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// Accuracy on the test set.
    pub(crate) accuracy: f64,
    /// Share of living groups.
    pub(crate) density: f64,
    /// Share of living weights.
    pub(crate) weights: f64,
    /// Share of living groups of each row.
    pub(crate) rows: Vec<f64>,
    /// The mask of each row, `1` for a living group, where there are few groups.
    pub(crate) masks: Vec<String>,
    pub(crate) rounds: u32,
}

/// Played sessions with their results.
pub(crate) struct Table {
    scratch: PathBuf,
    threads: usize,
    known: BTreeMap<String, Outcome>,
}

impl Table {
    /// A table that plays `threads` sessions at a time; recipes are written to the scratch folder.
    pub(crate) fn new(scratch: &Path, threads: usize) -> Self {
        Self { scratch: scratch.into(), threads, known: BTreeMap::new() }
    }

    /// Results of these sessions.
    ///
    /// # Errors
    /// When a session cannot be played: names the recipe of the first one.
    pub(crate) fn play(&mut self, games: &[Game]) -> Result<Vec<Outcome>> {
        let mut new: BTreeMap<String, &Game> = games.iter().map(|it| (format!("{it:?}"), it)).collect();
        new.retain(|key, _| !self.known.contains_key(key));
        let new: Vec<(String, &Game)> = new.into_iter().collect();
        let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            for _ in 0..self.threads.min(new.len()) {
                scope.spawn(|| {
                    while let Some((key, game)) = new.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let file = self.scratch.join(format!("{:?}.toml", std::thread::current().id()));
                        let outcome = played(game, &file);
                        done.lock().expect("no player panics while it holds the list").push((key.clone(), outcome));
                    }
                });
            }
        });
        for (key, outcome) in done.into_inner().expect("no player panics while it holds the list") {
            self.known.insert(key, outcome?);
        }
        let of = |it: &Game| self.known.get(&format!("{it:?}")).cloned().ok_or_else(|| anyhow!("a session is missing"));
        games.iter().map(of).collect()
    }
}

fn played(game: &Game, file: &Path) -> Result<Outcome> {
    std::fs::write(file, &game.text)?;
    let corrupt = game.corrupt.map(str::parse).transpose().map_err(|it: String| anyhow!(it))?;
    let mut opening = Opening::new(Wish {
        recipe: file.to_string_lossy().into(),
        data: Some(game.data.clone()),
        partition: "iid".parse().map_err(|it: String| anyhow!(it))?,
        corrupt: corrupt.into_iter().collect(),
        parts: game.clients,
        rounds: None,
        seed: game.seed,
    })?;
    opening.rounds = (opening.rounds / game.part).max(1);
    let view = Simulation::new(opening, game.seed, None)?.run(1, &AtomicBool::new(false))?;
    Ok(Outcome {
        accuracy: view.accuracy.context("a model of classes is measured at the end")?.into(),
        density: view.unit_density,
        weights: view.n_alive_weights as f64 / view.n_params as f64,
        rows: view.spaces.iter().map(|it| f64::from(it.alive) / f64::from(it.size)).collect(),
        masks: view.spaces.iter().map(|it| it.units.clone()).collect(),
        rounds: view.rounds_committed,
    })
}
