//! Tickets: mask and weights of a mask event as a file, from which other sessions start.

use protocol::choices::{TicketMask, TicketWeights};
use protocol::mask::Mask;
use protocol::prune;
use protocol::random;
use protocol::recipe::Recipe;
use safetensors::SafeTensors;
use safetensors::tensor::Dtype;
use serde::{Deserialize, Serialize};

use crate::json;
use crate::session::{Parts, RoundRecord, Saved, Settings, State};
use crate::tensors::{Tensors, floats};

/// The folder for tickets within a state directory.
pub const FOLDER: &str = "tickets";

/// The key of a ticket's provenance in its file.
const PROVENANCE: &str = "ticket";

/// Where a ticket comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// The recipe's name.
    pub recipe: String,
    /// Everything random followed from it.
    pub seed: u64,
    /// Digest of all samples.
    pub data_digest: String,
    /// The stage's name.
    pub stage: String,
    /// Its repetition, from 0.
    pub level: u32,
    /// Rounds that led to it.
    pub rounds: u32,
    /// Share of groups alive.
    pub density: f64,
}

/// A mask, the weights from which training goes on, and where both come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticket {
    /// Every weight, those of dead groups included.
    pub weights: Vec<f32>,
    /// Which groups are alive.
    pub mask: Mask,
    /// Where it comes from.
    pub provenance: Provenance,
}

impl Ticket {
    /// Of a state right after a mask event.
    pub fn of(recipe: &Recipe, settings: &Settings, state: &State, last: &RoundRecord) -> Self {
        let provenance = Provenance {
            recipe: recipe.raw().name.clone(),
            seed: settings.seed,
            data_digest: format!("{:016x}", settings.data_digest),
            stage: recipe.stage(last.stage).name.clone(),
            level: last.level,
            rounds: state.rounds_committed(),
            density: last.density,
        };
        Self { weights: state.held().to_vec(), mask: state.mask().clone(), provenance }
    }

    /// The name of its file: a later event of the same level takes its place.
    pub fn file_name(last: &RoundRecord) -> String {
        format!("stage-{}-level-{:02}.safetensors", last.stage, last.level)
    }

    /// Its file: a tensor for every parameter, one byte per group of every row (1 alive), and its provenance as JSON.
    pub fn to_bytes(&self, recipe: &Recipe) -> Vec<u8> {
        let mut tensors = Tensors::default();
        tensors.params(recipe.model().graph(), &self.weights);
        tensors.alive(recipe.groups(), &self.mask);
        tensors.file(PROVENANCE, json::text(&self.provenance))
    }

    /// Reads a file for a recipe of the same model and pattern.
    ///
    /// # Errors
    /// A sentence that says what does not fit.
    pub fn from_bytes(recipe: &Recipe, bytes: &[u8]) -> Result<Self, String> {
        let damaged = |error: safetensors::SafeTensorError| format!("not a ticket: {error}");
        let tensors = SafeTensors::deserialize(bytes).map_err(damaged)?;
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
        let text = metadata.metadata().as_ref().and_then(|it| it.get(PROVENANCE));
        let text = text.ok_or("not a ticket: it does not say where it comes from")?;
        let provenance: Provenance = serde_json::from_str(text).map_err(|error| format!("not a ticket: {error}"))?;
        let graph = recipe.model().graph();
        let mut weights = Vec::with_capacity(graph.n_params());
        for param in &graph.params {
            let expected = graph.shape(&param.axes);
            weights.extend(floats(tensor(&tensors, &param.name, Dtype::F32, &expected)?));
        }
        if let Some(at) = weights.iter().position(|it| !it.is_finite()) {
            return Err(format!("weight {at} of the ticket is not finite"));
        }
        let mut mask = Mask::empty(recipe.groups().n_groups());
        for row in &recipe.groups().rows {
            let alive = tensor(&tensors, &format!("mask.{}", row.name), Dtype::U8, &[row.len()])?;
            row.range().zip(alive).filter(|it| *it.1 != 0).for_each(|it| mask.set(it.0));
            if mask.count_in(row.range()) == 0 {
                return Err(format!("no group of {} is alive in the ticket", row.name));
            }
        }
        Ok(Self { weights, mask, provenance })
    }

    /// The state in which a session starts that takes what it asks for of the ticket.
    pub fn start(self, recipe: &Recipe, seed: u64, weights: TicketWeights, mask: TicketMask) -> State {
        let mask = match mask {
            TicketMask::Ticket => self.mask,
            TicketMask::Shuffled => {
                let alive = recipe.groups().alive(&self.mask);
                prune::drawn(recipe.groups(), &alive, random::derive(seed, "shuffled", 0))
            }
        };
        let parts = Parts { ledger: State::empty_ledger(recipe), ..Parts::default() };
        let start_seed = random::derive(seed, "w0", 0);
        match weights {
            TicketWeights::Ticket => State::from_saved(recipe, Saved::moved(start_seed), self.weights, mask, parts),
            TicketWeights::Fresh => {
                State::from_saved(recipe, Saved::new(start_seed), recipe.model().w0(start_seed), mask, parts)
            }
        }
    }
}

/// The bytes of a tensor, if it is there in this shape.
fn tensor<'a>(tensors: &SafeTensors<'a>, name: &str, dtype: Dtype, shape: &[usize]) -> Result<&'a [u8], String> {
    let it =
        tensors.tensor(name).map_err(|_| format!("the ticket is of another model or pattern: it has no `{name}`"))?;
    if it.dtype() != dtype || it.shape() != shape {
        let got = it.shape();
        return Err(format!(
            "the ticket is of another model or pattern: `{name}` is {got:?}, the recipe has {shape:?}"
        ));
    }
    Ok(it.data())
}
