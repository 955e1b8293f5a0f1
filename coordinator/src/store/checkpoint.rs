//! A checkpoint: all that it takes to go on exactly, as one safetensors file that any tool can open.

use std::sync::Arc;

use protocol::choices::Grain;
use protocol::mask::Mask;
use protocol::recipe::{Holds, RawRecipe, Recipe};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use super::version1;
use crate::json;
use crate::session::{Parts, RoundRecord, Settings, State};
use crate::tensors::{Tensors, doubles, floats};

/// Raised whenever the meaning of a checkpoint changes.
const VERSION: u32 = 2;

/// Longest header that is read: a real one has a few kilobytes.
const HEADER_LIMIT: u64 = 1 << 20;

const MASK: &str = "pleach.mask";
const SAVED: &str = "pleach.saved";
const LEDGER: &str = "pleach.ledger";
const SNAPSHOT: &str = "pleach.snapshot.";

/// Why a file cannot be read.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// It is none of ours, or no longer.
    Damaged(String),
    /// A newer program wrote it.
    Newer(u32),
}

impl From<String> for Unreadable {
    fn from(problem: String) -> Self {
        Self::Damaged(problem)
    }
}

impl From<&str> for Unreadable {
    fn from(problem: &str) -> Self {
        Self::Damaged(problem.into())
    }
}

/// A session between two rounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// What is run.
    pub recipe: Recipe,
    /// What the host chose beside it.
    pub settings: Settings,
    /// What has been committed.
    pub state: State,
    /// Who may speak to it.
    pub identity: Identity,
    /// What the command wrote down to find the data again; nobody else reads it.
    pub dataset: String,
}

/// How a session is known to clients and host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The join code.
    pub code: String,
    /// Proves that a host screen is the host's; clients' tokens follow from it.
    pub host_secret: String,
    /// Clients that ever joined: the number of the next one.
    pub n_clients: u32,
}

/// The part of a header that every version has.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

/// What is not tensors. One entry, so that equal checkpoints are equal bytes.
#[derive(Serialize, Deserialize)]
struct Header {
    version: u32,
    recipe: RawRecipe,
    settings: Settings,
    identity: Identity,
    dataset: String,
}

impl Checkpoint {
    /// The file's bytes.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let header = Header {
            version: VERSION,
            recipe: self.recipe.raw().clone(),
            settings: self.settings.clone(),
            identity: self.identity.clone(),
            dataset: self.dataset.clone(),
        };
        // What a stage has come to may grow with its rounds: as a tensor it leaves the header short.
        let saved = postcard::to_stdvec(self.state.saved()).expect("it holds nothing that postcard cannot write");
        let parts = self.state.parts();
        let mut tensors = Tensors::default();
        tensors.bytes(MASK, self.state.mask().to_bytes());
        tensors.bytes(SAVED, saved);
        if let Some(ledger) = &parts.ledger {
            tensors.doubles(LEDGER, ledger);
        }
        for (stage, weights) in &parts.snapshots {
            tensors.floats(&format!("{SNAPSHOT}{stage}"), weights);
        }
        tensors.params(self.recipe.model().graph(), self.state.held());
        tensors.file("pleach", json::text(&header))
    }

    /// What a file's bytes say, or what is wrong with them; an old one holds its history too.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<(Self, Option<History>), Unreadable> {
        let length = bytes.first_chunk().map_or(0, |it| u64::from_le_bytes(*it));
        if length > HEADER_LIMIT {
            return Err(format!("the header claims {length} bytes, at most {HEADER_LIMIT} are read").into());
        }
        let damaged = |error: safetensors::SafeTensorError| format!("not a checkpoint: {error}");
        let tensors = SafeTensors::deserialize(bytes).map_err(damaged)?;
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
        let text = metadata.metadata().as_ref().and_then(|it| it.get("pleach"));
        let text = text.ok_or("a safetensors file, but not one of Pleach's checkpoints")?;
        let unreadable = |error: serde_json::Error| format!("unreadable header: {error}");
        // Read before the rest, which may look different in another version.
        let Versioned { version } = serde_json::from_str(text).map_err(unreadable)?;
        match version {
            0 => return Err("a checkpoint of version 0, which never was".into()),
            1..=VERSION => {}
            _ => return Err(Unreadable::Newer(version)),
        }
        let Header { recipe, settings, identity, dataset, .. } = serde_json::from_str(text).map_err(unreadable)?;
        let recipe = recipe.check().map_err(|error| format!("its recipe: {error}"))?;
        let (state, history) = match version {
            1 => old_state(&recipe, &settings, &tensors).map(|it| (it.0, Some(it.1)))?,
            _ => (state(&recipe, &tensors)?, None),
        };
        Ok((Self { recipe, settings, state, identity, dataset }, history))
    }
}

/// What is known of the rounds that led to a state.
pub(super) type History = Vec<Arc<RoundRecord>>;

fn old_state(recipe: &Recipe, settings: &Settings, tensors: &SafeTensors<'_>) -> Result<(State, History), String> {
    let (weights, mask, saved) = (weights(recipe, tensors)?, named(tensors, MASK)?, named(tensors, SAVED)?);
    let old = postcard::from_bytes(saved.data()).map_err(|error| format!("unreadable history: {error}"))?;
    version1::state(recipe, settings, old, weights, mask.data())
}

fn state(recipe: &Recipe, tensors: &SafeTensors<'_>) -> Result<State, String> {
    let weights = weights(recipe, tensors)?;
    let mask = Mask::from_bytes(recipe.groups().n_groups(), named(tensors, MASK)?.data());
    let mask = mask.ok_or("the mask does not fit the model")?;
    let bytes = named(tensors, SAVED)?.data();
    // Programs before clients gathered evidence wrote no round since when they do: it would have been 0.
    let saved = postcard::from_bytes(bytes).or_else(|_| postcard::from_bytes(&[bytes, &[0]].concat()));
    let saved = saved.map_err(|error| format!("unreadable state: {error}"))?;
    Ok(State::from_saved(recipe, saved, weights, mask, parts(recipe, tensors)?))
}

fn named<'a>(tensors: &SafeTensors<'a>, name: &str) -> Result<TensorView<'a>, String> {
    tensors.tensor(name).map_err(|_| format!("`{name}` is missing"))
}

fn weights(recipe: &Recipe, tensors: &SafeTensors<'_>) -> Result<Vec<f32>, String> {
    let graph = recipe.model().graph();
    let mut weights = Vec::with_capacity(graph.n_params());
    for param in &graph.params {
        let tensor = named(tensors, &param.name)?;
        let shape = graph.shape(&param.axes);
        if tensor.dtype() != Dtype::F32 || tensor.shape() != shape {
            let (dtype, got) = (tensor.dtype(), tensor.shape());
            return Err(format!("`{}` is {dtype:?} of {got:?}, the recipe's is F32 of {shape:?}", param.name));
        }
        weights.extend(floats(tensor.data()));
    }
    Ok(weights)
}

/// What the recipe keeps beside the weights.
fn parts(recipe: &Recipe, tensors: &SafeTensors<'_>) -> Result<Parts, String> {
    let (holds, n) = (Holds::of(recipe), recipe.model().graph().n_params());
    let fits =
        |name: &str, len: usize| if len == n { Ok(()) } else { Err(format!("`{name}` has {len} values of {n}")) };
    let mut parts = Parts::default();
    if let Some(of) = holds.ledger {
        let ledger = doubles(named(tensors, LEDGER)?.data());
        let n_groups = recipe.groups().n_groups();
        match of {
            Grain::Weights => fits(LEDGER, ledger.len())?,
            Grain::Groups if ledger.len() == n_groups => {}
            Grain::Groups => return Err(format!("`{LEDGER}` has {} values of {n_groups}", ledger.len())),
        }
        parts.ledger = Some(Arc::new(ledger));
    }
    for stage in holds.snapshots {
        let name = format!("{SNAPSHOT}{stage}");
        // A stage that has not ended has left none.
        let Ok(tensor) = tensors.tensor(&name) else { continue };
        let weights = floats(tensor.data());
        fits(&name, weights.len())?;
        parts.snapshots.insert(stage, Arc::new(weights));
    }
    Ok(parts)
}
