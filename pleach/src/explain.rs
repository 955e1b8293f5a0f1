//! Explain: what a recipe sends, prunes, computes and keeps, round by round, before anything runs.
//!
//! Plans and contributions are made as a session would make them, but for what cannot be known yet (seeds, losses, times),
//! which takes the same bytes whatever it is. Where a rule leaves open how many groups live, there are bounds.

mod sizes;
mod told;
mod walk;

use coordinator::json;
use coordinator::session::State;
use protocol::data::partitions::Partition;
use protocol::data::partitions::iid::Iid;
use protocol::recipe::{Course, Recipe};
use serde::Serialize;

use crate::args;
use crate::dataset::DIGITS_PER_PART;
use crate::opening::{self, Opening, Wish};
use crate::output::print;
use crate::recipes;
use crate::summary;
use walk::Walk;

/// What is known of a session before it runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The recipe's name.
    pub recipe: String,
    /// The recipe's sentence.
    pub about: String,
    /// Where the recipe stands in the design space: what was picked of each registry, stage by stage.
    pub stages: Vec<StageTold>,
    /// Every round in order; a stage that ends early leaves some out.
    pub rounds: Vec<Round>,
    /// Bytes that a client's program needs at its hungriest: weights, gradients, the optimizer's memory, activations, samples.
    pub peak_bytes: u64,
    /// Weights of the full model.
    pub n_params: u64,
    /// Groups that may be pruned.
    pub n_groups: u64,
    /// Clients.
    pub clients: u32,
    /// What may not be what was meant.
    pub warnings: Vec<String>,
}

/// A stage as it will run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StageTold {
    /// Its name.
    pub name: String,
    /// Rounds of all its levels together.
    pub rounds: u32,
    /// Its repetitions.
    pub levels: u32,
    /// Registry by registry, the entry.
    pub picks: std::collections::BTreeMap<&'static str, &'static str>,
    /// What a client computes in a round.
    pub computes: String,
    /// What a client keeps from one round to the next.
    pub keeps: String,
}

/// What one client sends and gets in a round, frames included.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Round {
    /// As a summary tells it afterwards, on average over those asked; the most, where there are bounds.
    #[serde(flatten)]
    pub figures: summary::Round,
    /// Whether a mask event follows the round.
    pub is_event: bool,
    /// The least and the most, where the rule leaves open how many groups live.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bounds: Option<Bounds>,
}

/// The least and the most of what cannot be told exactly.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bounds {
    /// Of [`summary::Round::bytes_up`].
    pub bytes_up: [f64; 2],
    /// Of [`summary::Round::bytes_down`].
    pub bytes_down: [f64; 2],
    /// Of [`summary::Round::density`].
    pub density: [f64; 2],
}

/// Explains what a person asked for.
///
/// # Errors
/// When recipe or data cannot be used.
pub fn command(args: args::Explain) -> anyhow::Result<()> {
    let (recipe, n_samples, mut warnings) = match args.data {
        Some(data) => {
            let opening = Opening::new(Wish {
                recipe: args.recipe,
                data: Some(data),
                partition: Partition::Iid(Iid {}),
                corrupt: vec![],
                parts: args.clients.unwrap_or(args::CLIENTS),
                rounds: args.rounds,
                seed: args.seed,
            })?;
            let longest = opening.dealt.parts.iter().map(protocol::data::shard::Shard::len).max().unwrap_or(1);
            (opening.recipe.clone(), longest, opening.warnings())
        }
        None => {
            let recipe = recipes::load(&args.recipe)?;
            let warnings = recipe.warnings().iter().map(ToString::to_string).collect();
            (recipe, DIGITS_PER_PART, warnings)
        }
    };
    let rounds = args.rounds.unwrap_or_else(|| Course::whole(&recipe).total());
    let course = Course::of(&recipe, rounds);
    if course.total() > rounds && !warnings.iter().any(|it| it.contains("too few")) {
        warnings.push(format!(
            "{rounds} rounds are too few for the recipe's stages: the least, {}, is run",
            course.total()
        ));
    }
    warnings.extend(opening::ignored(&recipe, &[("--clients", args.clients)]));
    let clients = if recipe.is_central() { 1 } else { args.clients.unwrap_or(args::CLIENTS) };
    let start = opening::start(&recipe, args.seed)?;
    let explanation = explain(&recipe, &course, clients, args.seed, n_samples, warnings, start.as_ref());
    if args.json {
        return print(&format!("{}\n", json::text(&explanation)));
    }
    print(&told::text(&explanation))
}

/// What is known of a session of a recipe, with so many clients that each hold so many samples at most.
pub fn explain(
    recipe: &Recipe,
    course: &Course,
    clients: u32,
    seed: u64,
    n_samples: usize,
    warnings: Vec<String>,
    start: Option<&State>,
) -> Explanation {
    let walk = Walk::new(recipe, course, clients, seed, start);
    let stages = (0..).zip(recipe.stages()).zip(course.lengths());
    Explanation {
        recipe: recipe.raw().name.clone(),
        about: recipe.raw().about.clone(),
        stages: stages.map(|((_, stage), length)| told::stage(stage, *length)).collect(),
        peak_bytes: told::peak_bytes(recipe, n_samples),
        n_params: recipe.model().graph().n_params() as u64,
        n_groups: recipe.groups().n_groups() as u64,
        rounds: walk.collect(),
        clients,
        warnings,
    }
}
