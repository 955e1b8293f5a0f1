//! A recipe: one point in the design space, a TOML file that picks one entry from each registry.
//!
//! [`RawRecipe`] is what was typed; [`RawRecipe::check`] gives the [`Recipe`] that it means, or names what is wrong.

use serde::{Deserialize, Serialize};

use crate::afterwards::Afterwards;
use crate::aggregations::Aggregation;
use crate::criteria::Criterion;
use crate::deciders::Decider;
use crate::dynamics::Dynamic;
use crate::layers::{Layer, ShapeError};
use crate::model::{Model, Stack};
use crate::models;
use crate::optimizers::Optimizer;
use crate::patterns::Pattern;
use crate::schedules::Schedule;
use crate::scopes::Scope;

/// A recipe as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRecipe {
    /// Short name, shown wherever the session is.
    pub name: String,
    /// One sentence: what it does and where it comes from.
    pub about: String,
    /// What is trained.
    pub model: RawModel,
    /// How the session runs.
    pub rounds: Rounds,
    /// How a client trains.
    pub local: Local,
    /// How updates become one.
    pub aggregation: Aggregation,
    /// What is pruned and how; absent means dense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<Pruning>,
}

/// A model by name, or by its input and layers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawModel {
    /// One of [`models::NAMED`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the units of every hidden layer are multiplied by, above 0 and at most 4, with the `name` of a model that has
    /// widths; 1 without being said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<f64>,
    /// Shape of one sample, with `layers`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Input>,
    /// Layers in forward order, with `input`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layers: Option<Vec<Layer>>,
}

/// What a model takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "must be a shape such as [784], or \"data\" for flat samples as long as the data's")]
pub enum Input {
    /// Samples of this shape.
    Shape(Vec<usize>),
    /// What the data has, e.g. one feature for every word of its vocabulary.
    From(Source),
}

/// Where a size comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The session's data.
    Data,
}

/// How a session runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rounds {
    /// Rounds until the session is done, 1 to 1,000,000.
    pub total: u32,
    /// Share of the cohort whose contributions a round needs to commit, above 0 and up to 1.
    #[serde(default = "half")]
    pub quorum: f64,
}

fn half() -> f64 {
    0.5
}

/// How a client trains in one round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Local {
    /// Passes over the client's training part per round, 1 to 1,000.
    pub epochs: u16,
    /// Samples per step, 1 to 65,535.
    pub batch: u16,
    /// Share of a client's samples held out to measure the global model, 0 and up to 0.5.
    #[serde(default = "tenth")]
    pub held_out: f64,
    /// How gradients move weights.
    pub optimizer: Optimizer,
}

fn tenth() -> f64 {
    0.1
}

/// What is pruned, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pruning {
    /// What lives or dies as one.
    pub pattern: Pattern,
    /// How clients rank.
    pub criterion: Criterion,
    /// How the density is shared among spaces.
    pub scope: Scope,
    /// How density falls.
    pub schedule: Schedule,
    /// Whether units may come back.
    pub dynamics: Dynamic,
    /// What survivors start from.
    pub afterwards: Afterwards,
    /// Who says which units go.
    pub decider: Decider,
}

/// A checked recipe: what exists is legal.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    raw: RawRecipe,
    model: Model,
}

/// Why a recipe is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RecipeError {
    /// Not TOML, an unknown key, or an unknown name: the parser says where and what is allowed.
    #[error("{0}")]
    Syntax(String),
    /// A value out of its range.
    #[error("{0}")]
    Range(String),
    /// The layers do not fit.
    #[error("model: {0}")]
    Shape(#[from] ShapeError),
}

impl RawRecipe {
    /// Reads what was typed.
    ///
    /// # Errors
    /// With line, key and the allowed names.
    #[cfg(feature = "toml")]
    pub fn from_toml(text: &str) -> Result<Self, RecipeError> {
        toml::from_str(text).map_err(|error| RecipeError::Syntax(error.to_string()))
    }

    /// Reads what a peer sent.
    ///
    /// # Errors
    /// With the position and the allowed names.
    pub fn from_json(text: &str) -> Result<Self, RecipeError> {
        serde_json::from_str(text).map_err(|error| RecipeError::Syntax(error.to_string()))
    }

    /// The same recipe over data whose samples have so many features: what it leaves to the data is filled in.
    pub fn over(self, sample_len: usize) -> Self {
        let input = match self.model.input {
            Some(Input::From(Source::Data)) => Some(Input::Shape(vec![sample_len])),
            Some(Input::Shape(_)) | None => self.model.input,
        };
        Self { model: RawModel { input, ..self.model }, ..self }
    }

    /// What it means.
    ///
    /// # Errors
    /// Names the first key whose value is out of range, with what is allowed.
    pub fn check(self) -> Result<Recipe, RecipeError> {
        let problem = self.problem().map(RecipeError::Range);
        problem.map_or(Ok(()), Err)?;
        let model = self.stack()?.check()?;
        Ok(Recipe { raw: self, model })
    }

    fn stack(&self) -> Result<Stack, RecipeError> {
        match &self.model {
            RawModel { name: Some(name), width, input: None, layers: None } => {
                models::chosen(name, *width).map_err(|problem| RecipeError::Range(format!("model.{problem}")))
            }
            RawModel { name: None, width: None, input: Some(Input::Shape(input)), layers: Some(layers) } => {
                Ok(Stack { input: input.clone(), layers: layers.clone() })
            }
            RawModel { name: None, width: None, input: Some(Input::From(Source::Data)), layers: Some(_) } => {
                Err(RecipeError::Range("model.input = \"data\" needs a session's data to say how long it is".into()))
            }
            RawModel { .. } => Err(RecipeError::Range(
                "model needs either `name`, with `width` or without, or both `input` and `layers`".into(),
            )),
        }
    }

    fn problem(&self) -> Option<String> {
        let Rounds { total, quorum } = self.rounds;
        let Local { epochs, batch, held_out, ref optimizer } = self.local;
        if !(1..=1_000_000).contains(&total) {
            return Some(format!("rounds.total = {total} must be from 1 to 1000000"));
        }
        if !(quorum > 0.0 && quorum <= 1.0) {
            return Some(format!("rounds.quorum = {quorum} must be above 0 and at most 1"));
        }
        if !(1..=1000).contains(&epochs) {
            return Some(format!("local.epochs = {epochs} must be from 1 to 1000"));
        }
        if batch == 0 {
            return Some("local.batch = 0 must be from 1 to 65535".into());
        }
        if !(0.0..=0.5).contains(&held_out) {
            return Some(format!("local.held_out = {held_out} must be from 0 to 0.5"));
        }
        if let Some(problem) = optimizer.problem() {
            return Some(format!("local.optimizer.{problem}"));
        }
        let problem = self.mask.as_ref().and_then(|it| it.schedule.problem());
        problem.map(|it| format!("mask.schedule.{it}"))
    }
}

impl Recipe {
    /// What was typed.
    pub fn raw(&self) -> &RawRecipe {
        &self.raw
    }

    /// The model at full size.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// How a client trains.
    pub fn local(&self) -> &Local {
        &self.raw.local
    }

    /// What is pruned; `None` for a dense baseline.
    pub fn mask(&self) -> Option<&Pruning> {
        self.raw.mask.as_ref()
    }

    /// For a client, which needs no TOML.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.raw).expect("a recipe has no maps with keys that are not strings")
    }

    /// Whether round `round` only searches for a mask: weights start from w0 and do not travel.
    pub fn is_mask_search(&self, round: u32) -> bool {
        self.mask().is_some_and(|it| it.afterwards.rewinds() && round <= it.schedule.settles_after())
    }
}
