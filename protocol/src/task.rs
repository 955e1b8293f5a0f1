//! Task: the part of a recipe that a client needs in order to work on its plans.

use serde::{Deserialize, Serialize};

use crate::criteria::Criterion;
use crate::evidence::Gathering;
use crate::groups::{Among, Groups};
use crate::local::{Coding, Local};
use crate::model::Model;
use crate::models::RawModel;
use crate::patterns::Pattern;
use crate::tally::Ballots;

/// The part of a recipe that travels, once per connection. Aggregation and mask events are left out: only the
/// coordinator needs them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Name of the recipe.
    pub name: String,
    /// One-sentence description of the recipe.
    pub about: String,
    /// The model that is trained.
    pub model: RawModel,
    /// The weights that form a group; `None` without pruning.
    pub pattern: Option<Pattern>,
    /// Groups that may be pruned.
    pub among: Among,
    /// Stages, by the numbers in plans.
    pub stages: Vec<TaskStage>,
}

/// The part of a stage that a client needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskStage {
    /// Name of the stage.
    pub name: String,
    /// How the client trains.
    pub local: Local,
    /// How floats are encoded.
    pub coding: Coding,
    /// Criterion by which the client ranks groups when asked for a vote.
    pub criterion: Option<Criterion>,
    /// What a vote contains; default: which groups to drop.
    pub ballots: Option<Ballots>,
    /// Evidence that the client gathers, if there is any to send.
    pub evidence: Option<Gathering>,
    /// Whether inputs of layers are scaled by the number of units before them over the number in the trained part.
    pub rescales: bool,
}

impl TaskStage {
    /// What a vote contains.
    pub fn says(&self) -> Ballots {
        self.ballots.unwrap_or(Ballots::Drop)
    }
}

impl Task {
    /// The model at full size.
    ///
    /// # Errors
    /// When the model is invalid, or the task has no stages.
    pub fn model(&self) -> Result<Model, String> {
        if self.stages.is_empty() { Err("the task has no stages".into()) } else { self.model.check() }
    }

    /// Groups of the pattern.
    pub fn groups(&self, model: &Model) -> Groups {
        match &self.pattern {
            Some(it) => it.groups(model.graph(), &self.among),
            None => Groups::of_units(model.graph()),
        }
    }

    /// The stage with this number.
    pub fn stage(&self, at: u16) -> &TaskStage {
        &self.stages[usize::from(at).min(self.stages.len() - 1)]
    }
}
