//! Row: a recipe with its claim, played with all seeds, and the resulting line of the table.

use std::path::PathBuf;

use anyhow::{Context, Result};
use e2e::repository;

use crate::claim::{Claim, Found};
use crate::effort::Effort;
use crate::figure::Figure;
use crate::play::{Game, Outcome, Table};
use crate::subset::Mnist;
use crate::variant::{Text, Variant};

/// A recipe and its claim.
pub(crate) struct Row {
    /// Name of the file in `recipes`, without extension.
    pub(crate) recipe: &'static str,
    /// Changes to the recipe: key and TOML value.
    pub(crate) edits: &'static [(&'static str, &'static str)],
    /// Number of training images.
    pub(crate) samples: usize,
    /// Number of clients; a recipe for a centre has one.
    pub(crate) clients: u32,
    /// Stages that only search for a mask: their training is discarded, or there is none.
    pub(crate) searches: &'static [&'static str],
    pub(crate) claims: &'static [Claim],
}

/// Header of the table.
pub(crate) const HEAD: &str = "\
| recipe | changed | images | clients | rounds | seeds | groups alive % | weights alive % | accuracy % | dense % | by lot % | verdict |
|---|---|---|---|---|---|---|---|---|---|---|---|";

/// Path of the recipe with this name.
pub(crate) fn file(recipe: &str) -> PathBuf {
    repository::root().join("recipes").join(recipe).with_extension("toml")
}

/// Text of a recipe.
pub(crate) fn written(recipe: &str) -> Result<String> {
    let file = file(recipe);
    std::fs::read_to_string(&file).with_context(|| format!("could not read {}", file.display()))
}

impl Row {
    /// Plays the method and the variants for comparison, and returns the line of the table.
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
        // The random variant drops as many groups as the method did, which is known only now.
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

    /// Variants that do not depend on the method's result, the method itself first.
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

/// Describes the changes to a recipe.
pub(crate) fn told(edits: &[(&str, &str)]) -> String {
    let changed: Vec<String> = edits.iter().map(|(key, value)| format!("`{key} = {value}`")).collect();
    if changed.is_empty() { "–".into() } else { changed.join(", ") }
}
