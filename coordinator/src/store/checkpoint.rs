//! A checkpoint: all that it takes to go on exactly, as one safetensors file that any tool can open.

use std::collections::HashMap;

use protocol::mask::Mask;
use protocol::recipe::{RawRecipe, Recipe};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use crate::session::{Settings, State};

/// Raised whenever the meaning of a checkpoint changes.
const VERSION: u32 = 1;

/// Longest header that is read: a real one has a few kilobytes.
const HEADER_LIMIT: u64 = 1 << 20;

const MASK: &str = "pleach.mask";
const SAVED: &str = "pleach.saved";

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
        let header = serde_json::to_string(&header).expect("its keys are strings");
        let graph = self.recipe.model().graph();
        let weights: Vec<u8> = self.state.weights().iter().flat_map(|it| it.to_le_bytes()).collect();
        let mask = self.state.mask().to_bytes();
        // The history grows with the rounds: as a tensor it leaves the header short.
        let saved = postcard::to_stdvec(&self.state.saved()).expect("it holds nothing that postcard cannot write");
        let view = |dtype, shape, bytes| TensorView::new(dtype, shape, bytes).expect("the bytes have this shape");
        let mut tensors = vec![
            (MASK.to_owned(), view(Dtype::U8, vec![mask.len()], &mask)),
            (SAVED.to_owned(), view(Dtype::U8, vec![saved.len()], &saved)),
        ];
        for (param, range) in graph.params.iter().zip(graph.param_ranges()) {
            let bytes = &weights[4 * range.start..4 * range.end];
            tensors.push((param.name.clone(), view(Dtype::F32, graph.shape(&param.axes), bytes)));
        }
        safetensors::serialize(tensors, Some(HashMap::from([("pleach".to_owned(), header)])))
            .expect("names are unique and shapes fit")
    }

    /// What a file's bytes say, or what is wrong with them.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let length = bytes.first_chunk().map_or(0, |it| u64::from_le_bytes(*it));
        if length > HEADER_LIMIT {
            return Err(format!("the header claims {length} bytes, at most {HEADER_LIMIT} are read"));
        }
        let damaged = |error: safetensors::SafeTensorError| format!("not a checkpoint: {error}");
        let tensors = SafeTensors::deserialize(bytes).map_err(damaged)?;
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
        let text = metadata.metadata().as_ref().and_then(|it| it.get("pleach"));
        let text = text.ok_or("a safetensors file, but not one of Pleach's checkpoints")?;
        let header: Header = serde_json::from_str(text).map_err(|error| format!("unreadable header: {error}"))?;
        if header.version != VERSION {
            return Err(format!("a checkpoint of version {}, this program reads {VERSION}", header.version));
        }
        let recipe = header.recipe.check().map_err(|error| format!("its recipe: {error}"))?;
        let state = state(&recipe, &tensors)?;
        let Header { settings, identity, dataset, .. } = header;
        Ok(Self { recipe, settings, state, identity, dataset })
    }
}

fn state(recipe: &Recipe, tensors: &SafeTensors<'_>) -> Result<State, String> {
    let named = |name: &str| tensors.tensor(name).map_err(|_| format!("`{name}` is missing"));
    let graph = recipe.model().graph();
    let mut weights = Vec::with_capacity(graph.n_params());
    for param in &graph.params {
        let tensor = named(&param.name)?;
        let shape = graph.shape(&param.axes);
        if tensor.dtype() != Dtype::F32 || tensor.shape() != shape {
            let (dtype, got) = (tensor.dtype(), tensor.shape());
            return Err(format!("`{}` is {dtype:?} of {got:?}, the recipe's is F32 of {shape:?}", param.name));
        }
        weights.extend(tensor.data().chunks_exact(4).map(|it| f32::from_le_bytes([it[0], it[1], it[2], it[3]])));
    }
    let mask = Mask::from_bytes(graph.n_units(), named(MASK)?.data()).ok_or("the mask does not fit the model")?;
    let saved = postcard::from_bytes(named(SAVED)?.data()).map_err(|error| format!("unreadable history: {error}"))?;
    Ok(State::from_saved(recipe.model(), saved, weights, mask))
}
