//! Foresight: a recipe says which kernels its programs need, before any data is here.

use protocol::recipe::Recipe;

use super::workbench::evaluation_batch;
use crate::devices::Device;
use crate::program::{Ballot, Blueprint, Norm, Program, Sizes};

/// Compiles what training by a recipe needs on a device; `progress` hears how much is done, and of how much. What a pruned
/// model or a very small shard needs besides is compiled when it comes.
pub async fn foresee(device: &Device, recipe: &Recipe, progress: impl FnMut(usize, usize)) {
    let (graph, local) = (recipe.model().graph(), recipe.local());
    let (batch, evaluation_batch) = (usize::from(local.batch), evaluation_batch(graph));
    let sizes = Sizes {
        samples: batch.max(evaluation_batch),
        batch,
        evaluation_batch,
        scale: 1.0,
        shift: 0.0,
        precision: device.precision(),
    };
    let ballot = Ballot::of_units(graph, graph.n_units(), Norm::L2);
    let blueprint = Blueprint { graph, optimizer: &local.optimizer, ballot: &ballot, sizes };
    device.compile(&Program::new(&blueprint), progress).await;
}
