//! A row: a recipe with what it is held to, played by all seeds, and the line of the table that comes of it.

use std::path::PathBuf;

use anyhow::{Context, Result};
use e2e::repository;

use crate::claim::{Claim, Found};
use crate::effort::Effort;
use crate::figure::Figure;
use crate::play::{Game, Outcome, Table};
use crate::subset::Mnist;
use crate::variant::{Text, Variant};

/// One recipe and what is claimed of it.
pub(crate) struct Row {
    /// File in `recipes`, without its ending.
    pub(crate) recipe: &'static str,
    /// What is changed in it: key and TOML value.
    pub(crate) edits: &'static [(&'static str, &'static str)],
    /// Training images.
    pub(crate) samples: usize,
    /// Clients; a recipe for a centre has one.
    pub(crate) clients: u32,
    /// The stages whose training only finds a mask: it is taken back, or is nothing.
    pub(crate) searches: &'static [&'static str],
    pub(crate) claims: &'static [Claim],
}

/// The table's head.
pub(crate) const HEAD: &str = "\
| recipe | changed | images | clients | rounds | seeds | groups alive % | weights alive % | accuracy % | dense % | by lot % | verdict |
|---|---|---|---|---|---|---|---|---|---|---|---|";

/// Where a recipe of this name lies.
pub(crate) fn file(recipe: &str) -> PathBuf {
    repository::root().join("recipes").join(recipe).with_extension("toml")
}

/// A recipe's text.
pub(crate) fn written(recipe: &str) -> Result<String> {
    let file = file(recipe);
    std::fs::read_to_string(&file).with_context(|| format!("could not read {}", file.display()))
}

impl Row {
    /// Plays the method with what it is compared with, and says what came out.
    ///
    /// # Errors
    /// When a session cannot be played.
    pub(crate) fn play(&self, effort: Effort, mnist: &Mnist, table: &mut Table) -> Result<String> {
        let text = Text::new(&written(self.recipe)?, self.edits)?;
        let (seeds, data) = (effort.seeds(), mnist.first(effort.samples(self.samples))?);
        let game = |variant: &Variant, seed: u64| -> Result<Game> {
            let (text, data) = (text.of(variant, self.searches)?, data.clone());
            Ok(Game { text, data, clients: self.clients, corrupt: None, part: effort.part(), seed })
        };
        let games: Result<Vec<Game>> =
            self.at_once().iter().flat_map(|it| seeds.iter().map(|seed| game(it, *seed))).collect();
        let mut played = table.play(&games?)?;
        // By lot as many go as the method left alive, which is known by now.
        let drawn: Result<Vec<Game>> = if self.needs_lot() {
            played.iter().zip(seeds).map(|(it, seed)| game(&Variant::Lot(it.rows.clone()), *seed)).collect()
        } else {
            Ok(vec![])
        };
        let lot = table.play(&drawn?)?;
        let magnitude = played.split_off(2 * seeds.len());
        let dense = played.split_off(seeds.len());
        Ok(self.line(effort, &played, [&dense, &lot, &magnitude]))
    }

    /// What does not wait for the method's outcome, the method first.
    fn at_once(&self) -> Vec<Variant> {
        let rival = self.claims.iter().any(|it| matches!(it, Claim::BeatsMagnitude)).then_some(Variant::Magnitude);
        [Variant::Method, Variant::Dense].into_iter().chain(rival).collect()
    }

    fn needs_lot(&self) -> bool {
        self.claims.iter().any(|it| matches!(it, Claim::BeatsLot))
    }

    fn line(&self, effort: Effort, method: &[Outcome], [dense, lot, magnitude]: [&[Outcome]; 3]) -> String {
        let accuracies = |of: &[Outcome]| of.iter().map(|it| it.accuracy).collect::<Vec<f64>>();
        let figure = |of: &[f64]| if of.is_empty() { "–".to_owned() } else { Figure::of(of).to_string() };
        let density: Vec<f64> = method.iter().map(|it| it.density).collect();
        let weights: Vec<f64> = method.iter().map(|it| it.weights).collect();
        let found = Found {
            method: accuracies(method),
            dense: accuracies(dense),
            lot: accuracies(lot),
            magnitude: accuracies(magnitude),
            density,
        };
        let verdicts: Vec<String> = self.claims.iter().map(|it| it.verdict(&found)).collect();
        format!(
            "| `{}` | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            self.recipe,
            told(self.edits),
            effort.samples(self.samples),
            self.clients,
            method.first().map_or(0, |it| it.rounds),
            method.len(),
            figure(&found.density),
            figure(&weights),
            figure(&found.method),
            figure(&found.dense),
            figure(&found.lot),
            verdicts.join("; ")
        )
    }
}

/// What is changed in a recipe, in words.
pub(crate) fn told(edits: &[(&str, &str)]) -> String {
    let changed: Vec<String> = edits.iter().map(|(key, value)| format!("`{key} = {value}`")).collect();
    if changed.is_empty() { "–".into() } else { changed.join(", ") }
}
