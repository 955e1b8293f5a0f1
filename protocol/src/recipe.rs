//! A recipe: one point in the design space, a TOML file that picks one entry from each registry.
//!
//! [`RawRecipe`] is a recipe as written; [`RawRecipe::check`] gives the checked [`Recipe`], or everything that is
//! wrong. A recipe is a list of stages; a flat recipe, without `[[stage]]`, is one stage.

mod typed;
mod validity;
mod course;
mod needs;
#[cfg(all(test, feature = "toml"))]
mod tests;

use serde::Deserialize;

use crate::evidence::Gathering;
use crate::groups::{Among, Groups};
use crate::local::{Coding, Local, TypedCoding, TypedLocal, Work};
use crate::model::Model;
use crate::models::{Input, RawModel, Source};
use crate::rules::Pruning;
use crate::settings::{Setting, within};
use crate::tally::Ballots;
use crate::task::{Task, TaskStage};
use crate::training::aggregations::Aggregation;
use crate::training::cohorts::{Cohort, all::All};
use crate::training::untils::{Until, never};
pub use course::{Course, Length, Place};
pub use needs::{Holds, Needs};
pub use typed::{Checkpoints, Citation, Costs, Evaluate, RawRecipe, RawStage, Rounds, Start, VERSION};
use validity::Draft;
pub use validity::{Problem, Rule, Warning};

/// A checked stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Name of the stage.
    pub name: String,
    /// Rounds per repetition.
    pub rounds: u32,
    /// Number of repetitions.
    pub repeat: u32,
    /// Condition that ends the stage early.
    pub until: Until,
    /// Clients that take part in a round.
    pub cohort: Cohort,
    /// How a client trains.
    pub local: Local,
    /// How updates are aggregated.
    pub aggregation: Aggregation,
    /// How groups are pruned; `None` without pruning.
    pub mask: Option<Pruning>,
    /// How floats are encoded.
    pub coding: Coding,
    /// Rounds from one evaluation to the next.
    pub evaluate_every: u32,
}

impl Stage {
    /// What the ballots of the stage's voters contain; `None` without votes.
    pub fn ballots(&self) -> Option<Ballots> {
        self.mask.as_ref()?.decider.ballots()
    }

    /// Evidence that the stage's clients gather, if there is any to send.
    pub fn evidence(&self) -> Option<Gathering> {
        let pruning = self.mask.as_ref()?;
        let source = Some(pruning.evidence.source()).filter(|it| it.is_sent())?;
        let factors = pruning.criterion.factors().into_iter().chain(pruning.ranking());
        let factor = factors.into_iter().find(|it| it.term.is_of_gradients())?;
        Some(Gathering { source, at: pruning.at, norm: factor.norm, over: factor.over })
    }
}

/// A checked recipe: every value of this type is valid.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    raw: RawRecipe,
    model: Model,
    groups: Groups,
    stages: Vec<Stage>,
    warnings: Vec<Warning>,
}

/// Why a recipe is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RecipeError {
    /// Not TOML, an unknown key, or an unknown name: the parser's message says where, and what is allowed.
    #[error("{0}")]
    Syntax(String),
    /// Everything that is wrong with the recipe.
    #[error("{}", lines(.0))]
    Illegal(Vec<Problem>),
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

impl RawRecipe {
    /// Reads a recipe as written.
    ///
    /// # Errors
    /// When the text is no recipe: with line, key and the allowed names.
    #[cfg(feature = "toml")]
    pub fn from_toml(text: &str) -> Result<Self, RecipeError> {
        toml::from_str(text).map_or(Ok(()), Versioned::check)?;
        toml::from_str(text).map_err(|error| RecipeError::Syntax(error.to_string()))
    }

    /// Reads a recipe from a session's files.
    ///
    /// # Errors
    /// When the text is no recipe: with the position and the allowed names.
    pub fn from_json(text: &str) -> Result<Self, RecipeError> {
        serde_json::from_str(text).map_or(Ok(()), Versioned::check)?;
        serde_json::from_str(text).map_err(|error| RecipeError::Syntax(error.to_string()))
    }

    /// The same recipe for data with this number of features per sample: fills in what the recipe leaves to the data.
    pub fn over(self, sample_len: usize) -> Self {
        let input = match self.model.input {
            Some(Input::From(Source::Data)) => Some(Input::Shape(vec![sample_len])),
            Some(Input::Shape(_)) | None => self.model.input,
        };
        Self { model: RawModel { input, ..self.model }, ..self }
    }

    /// Checks the recipe.
    ///
    /// # Errors
    /// Names every key with an invalid value, and what is allowed.
    pub fn check(self) -> Result<Recipe, RecipeError> {
        let (stages, mut problems) = self.stages();
        let model = self.made(&mut problems);
        let pruning = stages.iter().find_map(|it| it.1.mask.as_ref());
        let grouped = |model: &Model| match pruning {
            Some(it) => it.pattern.groups(model.graph(), &it.among),
            None => Groups::of_units(model.graph()),
        };
        let made = model.map(|it| (grouped(&it), it));
        let model = made.as_ref().map(|(groups, model)| (model, groups));
        problems.extend(validity::problems(&Draft { raw: &self, stages: &stages, model }));
        let Some((groups, model)) = made.filter(|_| problems.is_empty()) else {
            return Err(RecipeError::Illegal(problems));
        };
        let stages = stages.into_iter().map(|it| it.1).collect();
        let mut recipe = Recipe { raw: self, model, groups, stages, warnings: vec![] };
        recipe.warnings = validity::warnings(&recipe);
        Ok(recipe)
    }

    /// The model, if it is valid.
    fn made(&self, problems: &mut Vec<Problem>) -> Option<Model> {
        let mut faults = vec![];
        self.model.check_all("", &mut faults);
        if !faults.is_empty() {
            return None;
        }
        self.model.check().map_err(|problem| problems.push(Problem::rule("model", Rule::Model { problem }))).ok()
    }

    /// The complete stages, with their numbers, and the problems of each stage by itself.
    fn stages(&self) -> (Vec<(usize, Stage)>, Vec<Problem>) {
        let mut problems = vec![];
        if let Some(version) = self.version.filter(|it| *it > VERSION) {
            problems.push(Problem::rule("version", Rule::NewerProgram { version }));
        }
        let mut faults = vec![];
        self.check_all("", &mut faults);
        problems.extend(faults.into_iter().map(Problem::Range));
        let stages = match (self.stage.is_empty(), self.rounds.total) {
            (true, None) => {
                problems.push(Problem::rule("rounds.total", Rule::Missing));
                vec![RawStage::flat(1)]
            }
            (true, Some(rounds)) => vec![RawStage::flat(rounds)],
            (false, None) => self.stage.clone(),
            (false, Some(_)) => {
                problems.push(Problem::rule("rounds.total", Rule::TotalBesideStages));
                self.stage.clone()
            }
        };
        let key = |at: usize| if self.stage.is_empty() { String::new() } else { format!("stage[{at}]") };
        let complete = |(at, it): (usize, RawStage)| Some((at, self.complete(&key(at), it, &mut problems)?));
        let stages = stages.into_iter().enumerate().filter_map(complete).collect();
        (stages, problems)
    }

    /// A stage with everything it inherits; `None` when something is missing.
    fn complete(&self, key: &str, stage: RawStage, problems: &mut Vec<Problem>) -> Option<Stage> {
        let mut missing = |of: &str, keys: Vec<&'static str>| {
            let named = |it: &'static str| Problem::rule(within(key, &within(of, it)), Rule::Missing);
            problems.extend(keys.into_iter().map(named));
        };
        let local = inherited_local(&stage.local, &self.local).complete().map_err(|it| missing("local", it));
        let mask = match (&stage.mask, &self.mask) {
            (None, None) => Ok(None),
            (Some(own), None) => own.clone().complete().map(Some),
            (None, Some(base)) => base.clone().complete().map(Some),
            (Some(own), Some(base)) => own.over(base).complete().map(Some),
        };
        let mask = mask.map_err(|it| missing("mask", it));
        let coding = stage.wire.over(&self.wire).complete().map_err(|it| missing("wire", it));
        let aggregation = stage.aggregation.or_else(|| self.aggregation.clone());
        if aggregation.is_none() {
            missing("", vec!["aggregation"]);
        }
        Some(Stage {
            name: stage.name,
            rounds: stage.rounds,
            repeat: stage.repeat.unwrap_or(1),
            until: stage.until.unwrap_or(Until::Never(never::Never {})),
            cohort: stage.cohort.or_else(|| self.cohort.clone()).unwrap_or(Cohort::All(All {})),
            local: local.ok()?,
            aggregation: aggregation?,
            mask: mask.ok()?,
            coding: coding.ok()?,
            evaluate_every: stage.evaluate.as_ref().or(self.evaluate.as_ref()).map_or(1, |it| it.every),
        })
    }
}

/// The version of a file, whatever else the file contains.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl Versioned {
    /// Checks the version first: a file for a newer program may have keys that this program does not know.
    fn check(self) -> Result<(), RecipeError> {
        let Self { version } = self;
        let newer = || RecipeError::Illegal(vec![Problem::rule("version", Rule::NewerProgram { version })]);
        if version > VERSION { Err(newer()) } else { Ok(()) }
    }
}

/// A stage that sets `epochs` or `steps` does not inherit the other one.
fn inherited_local(own: &TypedLocal, base: &TypedLocal) -> TypedLocal {
    let mut local = own.over(base);
    if own.steps.is_some() || own.epochs.is_some() {
        (local.steps, local.epochs) = (own.steps, own.epochs);
    }
    local
}

impl RawStage {
    /// The only stage of a flat recipe.
    fn flat(rounds: u32) -> Self {
        Self {
            name: "train".into(),
            rounds,
            repeat: None,
            until: None,
            cohort: None,
            local: TypedLocal::default(),
            aggregation: None,
            mask: None,
            wire: TypedCoding::default(),
            evaluate: None,
        }
    }
}

impl Recipe {
    /// The recipe as written.
    pub fn raw(&self) -> &RawRecipe {
        &self.raw
    }

    /// The model at full size.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Groups of the pattern, shared by all stages; for a dense recipe every unit, always alive.
    pub fn groups(&self) -> &Groups {
        &self.groups
    }

    /// The stages in order, at least one.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// The stage with this number.
    pub fn stage(&self, at: u16) -> &Stage {
        &self.stages[usize::from(at).min(self.stages.len() - 1)]
    }

    /// Whether any stage prunes.
    pub fn prunes(&self) -> bool {
        self.stages.iter().any(|it| it.mask.is_some())
    }

    /// Warnings about choices that may be unintended.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// When checkpoints are written.
    pub fn checkpoints(&self) -> Checkpoints {
        let usual = if self.raw.stage.is_empty() { (1, None) } else { (10, Some(30.0)) };
        self.raw.checkpoint.clone().unwrap_or(Checkpoints { rounds: usual.0, seconds: usual.1 })
    }

    /// Largest number of samples that a client with `n_samples` can process in a round.
    pub fn most_samples(&self, n_samples: u32) -> u32 {
        let looked_at = |it: &Stage| it.evidence().map_or(0, |it| it.source.most_looked_at(n_samples));
        let of = |it: &Stage| match it.local.work() {
            Work::Evaluate => 0,
            Work::Epochs(epochs) => n_samples.saturating_mul(epochs.into()),
            Work::Steps(0) => looked_at(it),
            Work::Steps(steps) => steps.saturating_mul(it.local.batch.into()),
        };
        self.stages.iter().map(of).max().unwrap_or(0)
    }

    /// Whether a stage uses the one client that holds all data.
    pub fn asks_centre(&self) -> bool {
        self.stages.iter().any(|it| it.cohort.is_centre())
    }

    /// Whether all stages use the one client that holds all data.
    pub fn is_central(&self) -> bool {
        self.stages.iter().all(|it| it.cohort.is_centre())
    }

    /// Seconds that one weight of each row costs a client; default 1.
    pub fn taus(&self) -> Vec<f64> {
        let tau = |at: usize| {
            let cost = self.raw.cost.as_ref()?;
            Some(cost.comp.get(at)? * f64::from(cost.steps) + cost.comm)
        };
        (0..self.groups.rows.len()).map(|it| tau(it).unwrap_or(1.0)).collect()
    }

    /// Seconds of a round that do not depend on the mask.
    pub fn constant_cost(&self) -> f64 {
        self.raw.cost.as_ref().map_or(0.0, |it| it.constant)
    }

    /// The part of the recipe that a client must know.
    pub fn task(&self) -> Task {
        let pruning = self.stages.iter().find_map(|it| it.mask.as_ref());
        let stage = |it: &Stage| TaskStage {
            name: it.name.clone(),
            local: it.local.clone(),
            coding: it.coding.clone(),
            criterion: it.mask.as_ref().filter(|it| it.decider.asks_voters()).map(|it| it.criterion.clone()),
            ballots: it.ballots(),
            evidence: it.evidence(),
            rescales: it.mask.as_ref().is_some_and(|it| it.dynamics.rescales()),
        };
        Task {
            name: self.raw.name.clone(),
            about: self.raw.about.clone(),
            model: self.raw.model.clone(),
            pattern: pruning.map(|it| it.pattern.clone()),
            among: pruning.map_or_else(Among::usual, |it| it.among.clone()),
            stages: self.stages.iter().map(stage).collect(),
        }
    }

    /// The recipe in the form that session files hold.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.raw).expect("a recipe has no maps with keys that are not strings")
    }
}
