//! A task: what a client must know of a recipe to work on its plans, and no more.

use serde::{Deserialize, Serialize};

use crate::criteria::Criterion;
use crate::evidence::Gathering;
use crate::groups::{Among, Groups};
use crate::local::{Coding, Local};
use crate::model::Model;
use crate::models::RawModel;
use crate::patterns::Pattern;
use crate::tally::Ballots;

/// What travels of a recipe, once per connection. How updates are combined and masks are found is the coordinator's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The recipe's name.
    pub name: String,
    /// The recipe's sentence.
    pub about: String,
    /// What is trained.
    pub model: RawModel,
    /// What lives or dies as one; `None` where nothing is pruned.
    pub pattern: Option<Pattern>,
    /// What may be pruned.
    pub among: Among,
    /// The stages, by the numbers that plans name.
    pub stages: Vec<TaskStage>,
}

/// What a client must know of a stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskStage {
    /// Its name.
    pub name: String,
    /// How it trains.
    pub local: Local,
    /// How floats are coded.
    pub coding: Coding,
    /// How it ranks groups when it is asked for a vote.
    pub criterion: Option<Criterion>,
    /// What its vote says; which groups go where nothing is said.
    pub ballots: Option<Ballots>,
    /// What gradients it gathers, where any travel.
    pub evidence: Option<Gathering>,
    /// Whether inputs of layers are scaled by the units before them over those of the part that is trained.
    pub rescales: bool,
}

impl TaskStage {
    /// What its votes say.
    pub fn says(&self) -> Ballots {
        self.ballots.unwrap_or(Ballots::Drop)
    }
}

impl Task {
    /// The model at full size.
    ///
    /// # Errors
    /// Says what is wrong with it, or that there is no stage to train it in.
    pub fn model(&self) -> Result<Model, String> {
        if self.stages.is_empty() { Err("it has no stages".into()) } else { self.model.check() }
    }

    /// What lives or dies as one.
    pub fn groups(&self, model: &Model) -> Groups {
        match &self.pattern {
            Some(it) => it.groups(model.graph(), &self.among),
            None => Groups::of_units(model.graph()),
        }
    }

    /// The stage of this number.
    pub fn stage(&self, at: u16) -> &TaskStage {
        &self.stages[usize::from(at).min(self.stages.len() - 1)]
    }
}
