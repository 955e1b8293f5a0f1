//! An opening: a recipe with its data, checked against each other and dealt out, ready for a session or a simulation.

use std::path::PathBuf;

use anyhow::Context;
use coordinator::found::Found;
use coordinator::session::State;
use coordinator::tickets::Ticket;
use protocol::data::corruptions::Corrupt;
use protocol::data::partitions::Partition;
use protocol::data::shard::Shard;
use protocol::recipe::{Course, Recipe, Start};

use crate::dataset::{self, Description};
use crate::recipes;

/// What a person asks for.
#[derive(Clone, Debug)]
pub struct Wish {
    /// A recipe file, or the name of one that the command carries.
    pub recipe: String,
    /// A folder of data; none for what the command carries.
    pub data: Option<PathBuf>,
    /// How it is dealt.
    pub partition: Partition,
    /// What is wrong with whose shards.
    pub corrupt: Vec<Corrupt>,
    /// Shards.
    pub parts: u32,
    /// Rounds, instead of the recipe's.
    pub rounds: Option<u32>,
    /// Everything random follows from it.
    pub seed: u64,
}

/// What it takes to run it.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The recipe over this data.
    pub recipe: Recipe,
    /// Where the data is, for whoever goes on later.
    pub description: Description,
    /// What data was found.
    pub about: Found,
    /// All samples.
    pub dealt: Dealt,
    /// Where the session starts, if not at w0 of its seed with everyone alive.
    pub start: Option<State>,
    /// Rounds to run.
    pub rounds: u32,
    /// Samples that one client can credibly process in a round.
    pub max_samples: u32,
}

/// Samples as they are dealt out.
#[derive(Clone, Debug)]
pub struct Dealt {
    /// What the host measures on.
    pub test: Shard,
    /// One for each client; where all stages ask a centre, it is all data in one.
    pub parts: Vec<Shard>,
    /// All data, where a stage beside others asks a centre.
    pub pooled: Option<Shard>,
}

impl Opening {
    /// Reads, checks and deals.
    ///
    /// # Errors
    /// When recipe or data cannot be used: with what to do.
    pub fn new(wish: Wish) -> anyhow::Result<Self> {
        let raw_recipe = recipes::raw(&wish.recipe)?;
        let folder = wish.data.map(|it| it.canonicalize().with_context(|| format!("cannot read {}", it.display())));
        let mut description = Description {
            folder: folder.transpose()?,
            partition: wish.partition,
            parts: wish.parts,
            corrupt: wish.corrupt,
            seed: wish.seed,
        };
        let dataset = description.load()?;
        let sample_len = dataset.train.sample_len as usize;
        let recipe = raw_recipe.over(sample_len).check().with_context(|| format!("in the recipe {}", wish.recipe))?;
        dataset::fits(&dataset, recipe.model())?;
        let asks_centre = recipe.asks_centre();
        if recipe.is_central() {
            description.parts = 1;
        }
        let parts = description.parts(&dataset)?;
        let longest = parts.iter().map(Shard::len).max().unwrap_or(1);
        let longest = if asks_centre { longest.max(dataset.train.len()) } else { longest };
        let rounds = wish.rounds.unwrap_or_else(|| Course::whole(&recipe).total());
        let pooled = (asks_centre && !recipe.is_central()).then_some(dataset.train);
        Ok(Self {
            start: start(&recipe, wish.seed)?,
            max_samples: recipe.most_samples(longest as u32).max(longest as u32),
            about: dataset.about,
            dealt: Dealt { test: dataset.test, parts, pooled },
            recipe,
            description,
            rounds,
        })
    }

    /// Digest of all samples that clients train on and the host measures on.
    pub fn digest(&self) -> u64 {
        let Dealt { test, parts, pooled } = &self.dealt;
        let shards = parts.iter().chain(pooled).chain([test]);
        shards.fold(0, |digest: u64, it| digest.rotate_left(7) ^ it.digest())
    }

    /// What may not be what was meant, in words.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings: Vec<String> = self.recipe.warnings().iter().map(ToString::to_string).collect();
        let course = Course::of(&self.recipe, self.rounds);
        if course.total() > self.rounds {
            let least = course.total();
            warnings.push(format!(
                "{} rounds are too few for the recipe's stages: the least, {least}, is run",
                self.rounds
            ));
        }
        let shortest = self.dealt.parts.iter().map(Shard::len).min().unwrap_or(0);
        for stage in self.recipe.stages().iter().filter(|it| !it.cohort.is_centre()) {
            let here = shortest - (shortest as f64 * stage.local.held_out) as usize;
            if let Some(samples) = stage.local.samples.filter(|it| *it as usize > here) {
                let name = &stage.name;
                warnings.push(format!(
                    "stage {name}: {samples} samples are asked for, the smallest client has {here} and trains on those"
                ));
            }
        }
        warnings
    }
}

/// What was asked for in vain of a recipe that asks one centre only: flags that say how many, as far as they were given.
pub fn ignored(recipe: &Recipe, flags: &[(&str, Option<u32>)]) -> Vec<String> {
    let is_vain = |it: &(&str, Option<u32>)| recipe.is_central() && it.1.is_some_and(|n| n != 1);
    let told = |(flag, n): &(&str, Option<u32>)| {
        let n = n.unwrap_or_default();
        format!("{flag} {n} is ignored: the recipe asks one centre, a client that is lent all data")
    };
    flags.iter().filter(|it| is_vain(it)).map(told).collect()
}

/// The state that a recipe's ticket is, where it starts from one.
///
/// # Errors
/// When the file cannot be read, or is of another model or pattern.
pub fn start(recipe: &Recipe, seed: u64) -> anyhow::Result<Option<State>> {
    let Some(Start { ticket, weights, mask }) = &recipe.raw().start else { return Ok(None) };
    let bytes = std::fs::read(ticket).with_context(|| format!("cannot read the ticket {ticket}"))?;
    let read = Ticket::from_bytes(recipe, &bytes).map_err(|problem| anyhow::anyhow!("{ticket}: {problem}"))?;
    Ok(Some(read.start(recipe, seed, *weights, *mask)))
}
