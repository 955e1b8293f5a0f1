//! Corrupted data: similarity of the masks that ten clients find with and without three clients with bad data.

use anyhow::Result;

use crate::claim::said;
use crate::effort::Effort;
use crate::figure::Figure;
use crate::play::{Game, Outcome, Table};
use crate::row::{self, written};
use crate::subset::Mnist;
use crate::variant::{Text, Variant};

/// Recipes: clients vote on masks, and a baseline that ranks averaged weights.
const RECIPES: [&str; 2] = ["mpfl", "pruning_fl"];
/// Corruptions, in the syntax of `--corrupt`.
const SPOILT: [&str; 3] = ["pixels@0,1,2", "labels@0,1,2", "noise:1@0,1,2"];
/// Changes: the recipes' 24 filters and 400 units. One pass per level: ten would take most of the time of all tables.
const CHANGED: [&[(&str, &str)]; 2] = [
    &[("stage.search.local.epochs", "1")],
    &[
        ("stage.search.local.epochs", "1"),
        ("model.name", "\"lenet-300-100\""),
        ("mask.among", "{ only = [\"linear1\", \"linear3\"] }"),
    ],
];
const CLIENTS: u32 = 10;
const SAMPLES: usize = 10_000;

/// Header of the table.
pub(crate) const HEAD: &str = "\
| changed | bad clients | images | clients | levels | seeds | equal bits of `mpfl` % | equal bits of `pruning_fl` % | verdict |
|---|---|---|---|---|---|---|---|---|";

/// Plays the searches of both recipes, and returns a line for each network and corruption.
///
/// # Errors
/// When a session cannot be played.
pub(crate) fn lines(effort: Effort, mnist: &Mnist, table: &mut Table) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for edits in CHANGED {
        lines.extend(of_network(edits, effort, mnist, table)?);
    }
    Ok(lines)
}

fn of_network(edits: &[(&str, &str)], effort: Effort, mnist: &Mnist, table: &mut Table) -> Result<Vec<String>> {
    let data = mnist.first(effort.samples(SAMPLES))?;
    let mut games = Vec::new();
    for recipe in RECIPES {
        // The search finds the mask; the rest needs at least one round.
        let edits = [edits, &[("stage.finish.rounds", "1")]].concat();
        let text = Text::new(&written(recipe)?, &edits)?.of(&Variant::Method, &[])?;
        for corrupt in [None].into_iter().chain(SPOILT.map(Some)) {
            let game = |seed: &u64| Game {
                text: text.clone(),
                data: data.clone(),
                clients: CLIENTS,
                corrupt,
                part: 1,
                seed: *seed,
            };
            games.extend(effort.seeds().iter().map(game));
        }
    }
    let outcomes = table.play(&games)?;
    let n_seeds = effort.seeds().len();
    let [voted, averaged] = [0, 1].map(|at| {
        let of_recipe = &outcomes[at * outcomes.len() / 2..][..outcomes.len() / 2];
        let (clean, spoilt) = of_recipe.split_at(n_seeds);
        spoilt.chunks(n_seeds).map(|it| equal_bits(clean, it)).collect::<Vec<_>>()
    });
    let levels = outcomes[0].rounds - 1;
    let line = |(corrupt, (voted, averaged)): (&str, (&Vec<f64>, &Vec<f64>))| {
        let lead = Figure::lead(voted, averaged);
        format!(
            "| {} | `{corrupt}` | {} | {CLIENTS} | {levels} | {n_seeds} | {} | {} | {} |",
            row::told(edits),
            effort.samples(SAMPLES),
            Figure::of(voted),
            Figure::of(averaged),
            said(lead.mean > 0.0, &format!("mpfl's mask is nearer to the clean one: by {lead} points"))
        )
    };
    Ok(SPOILT.into_iter().zip(voted.iter().zip(&averaged)).map(line).collect())
}

/// Share of groups on which two masks agree, seed by seed.
fn equal_bits(clean: &[Outcome], spoilt: &[Outcome]) -> Vec<f64> {
    clean.iter().zip(spoilt).map(|(clean, spoilt)| share_of_equal(&clean.masks, &spoilt.masks)).collect()
}

/// Share of equal bits over the rows that are pruned.
fn share_of_equal(one: &[String], other: &[String]) -> f64 {
    let rows = one.iter().zip(other).filter(|(one, other)| one.contains('0') || other.contains('0'));
    let bits: Vec<(u8, u8)> = rows.flat_map(|(one, other)| one.bytes().zip(other.bytes())).collect();
    bits.iter().filter(|(one, other)| one == other).count() as f64 / bits.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_agree_on_a_share_of_the_groups_that_may_go() {
        let mask = |rows: [&str; 2]| rows.map(String::from);
        assert_eq!(share_of_equal(&mask(["1100", "111"]), &mask(["1010", "111"])), 0.5);
        assert_eq!(share_of_equal(&mask(["110", "1"]), &mask(["110", "1"])), 1.0);
    }
}
