//! Exports: the model and mask as safetensors, compact and dense, and the metrics of every round as CSV and JSON Lines.

use std::path::Path;

use protocol::graph::Graph;
use protocol::groups::Form;
use protocol::recipe::Recipe;

use crate::error::Error;
use crate::session::{RoundRecord, State, View};
use crate::tensors::Tensors;
use crate::{charts, json};

/// Everything that a session can be exported as, by file name.
pub const FILES: [&str; 4] = ["compact.safetensors", "dense.safetensors", "metrics.csv", "metrics.jsonl"];

/// The export of this name.
pub fn export(name: &str, recipe: &Recipe, state: &State, view: &View) -> Option<Vec<u8>> {
    match name {
        "compact.safetensors" => Some(compact(recipe, state)),
        "dense.safetensors" => Some(dense(recipe, state)),
        "metrics.csv" => Some(metrics_csv(view)),
        "metrics.jsonl" => Some(metrics_jsonl(view)),
        _ => None,
    }
}

/// Leaves every export in a folder, and beside them the charts of a report, named like `accuracy.svg`.
///
/// # Errors
/// [`Error::Io`].
pub fn leave(dir: &Path, recipe: &Recipe, state: &State, view: &View) -> Result<(), Error> {
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.join(name);
        std::fs::write(&path, bytes).map_err(Error::io(&path))
    };
    for (name, bytes) in FILES.iter().filter_map(|it| Some((it, export(it, recipe, state, view)?))) {
        write(name, &bytes)?;
    }
    charts::all(view).iter().try_for_each(|(name, svg)| write(&format!("{name}.svg"), svg.as_bytes()))
}

/// The model at the size that pruning left: a smaller dense model, with the mask that says which units it kept.
pub fn compact(recipe: &Recipe, state: &State) -> Vec<u8> {
    let (model, groups) = (recipe.model(), recipe.groups());
    match groups.form {
        Form::Narrow => {
            let units = groups.unit_mask(model.graph(), state.mask());
            file(recipe, &model.pruned(&units), &state.alive_weights(), state)
        }
        // There is no smaller model: what is dead is 0 in the file, and the mask says which.
        Form::Masked => dense(recipe, state),
    }
}

/// The model at full size, zero where it is pruned, with the mask.
pub fn dense(recipe: &Recipe, state: &State) -> Vec<u8> {
    file(recipe, recipe.model().graph(), &state.weights(), state)
}

/// One line per committed round, under a line of names.
pub fn metrics_csv(view: &View) -> Vec<u8> {
    let mut names: Vec<String> = ["round", "cohort", "counted", "void", "loss"].map(String::from).into();
    for model in ["received", "trained", "test"] {
        names.extend(["n", "accuracy", "loss"].map(|it| format!("{model}_{it}")));
    }
    names.extend(view.spaces.iter().map(|it| format!("alive_{}", it.name)));
    names.extend(
        ["n_alive_weights", "bytes_up", "bytes_down", "bytes_dense", "seconds", "stage", "level", "density"]
            .map(String::from),
    );
    names.extend(["bytes_contributions", "bytes_plans", "mask_event"].map(String::from));
    let rows = std::iter::once(names).chain(view.history.iter().map(|it| fields(it)));
    table(rows).expect("memory takes every write")
}

fn table(mut rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>, csv::Error> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    rows.try_for_each(|it| csv.write_record(it))?;
    csv.into_inner().map_err(|it| it.into_error().into())
}

/// One JSON object per committed round.
pub fn metrics_jsonl(view: &View) -> Vec<u8> {
    view.history.iter().map(|it| json::line(it.as_ref())).collect::<String>().into_bytes()
}

fn fields(it: &RoundRecord) -> Vec<String> {
    let mut fields: Vec<String> = [it.round, it.cohort, it.counted, it.void].map(|it| it.to_string()).into();
    fields.push(it.loss.to_string());
    // What nobody measured stays empty: a zero would be a measurement.
    for known in [Some(it.received), Some(it.trained), it.test].map(|it| it.filter(|it| it.n > 0)) {
        fields.push(text(known.map(|it| it.n)));
        fields.push(text(known.and_then(|it| it.accuracy())));
        fields.push(text(known.map(|it| it.loss)));
    }
    fields.extend(it.alive.iter().map(u32::to_string));
    fields.extend([it.n_alive_weights, it.bytes_up, it.bytes_down, it.bytes_dense].map(|it| it.to_string()));
    fields.push(it.seconds.to_string());
    fields.extend([it.stage.to_string(), it.level.to_string(), it.density.to_string()]);
    fields.extend([it.bytes_contributions, it.bytes_plans, it.mask_event.into()].map(|it| it.to_string()));
    fields
}

fn text<T: ToString>(value: Option<T>) -> String {
    value.map_or(String::new(), |it| it.to_string())
}

/// `graph`'s parameters from `weights`, one byte per group of every row (1 alive), and the recipe.
fn file(recipe: &Recipe, graph: &Graph, weights: &[f32], state: &State) -> Vec<u8> {
    let mut tensors = Tensors::default();
    tensors.params(graph, weights);
    tensors.alive(recipe.groups(), state.mask());
    tensors.file("recipe", recipe.to_json())
}
