//! Exports: the model and mask as safetensors, compact and dense, and the metrics of every round as CSV and JSON Lines.

use std::collections::HashMap;
use std::sync::Arc;

use protocol::graph::Graph;
use protocol::groups::Form;
use protocol::recipe::Recipe;
use safetensors::tensor::{Dtype, TensorView};

use crate::session::{RoundRecord, State, View};

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
    let mut csv = csv::Writer::from_writer(Vec::new());
    let mut names: Vec<String> = ["round", "cohort", "counted", "void", "loss"].map(String::from).into();
    for model in ["received", "trained", "test"] {
        names.extend(["n", "accuracy", "loss"].map(|it| format!("{model}_{it}")));
    }
    names.extend(view.spaces.iter().map(|it| format!("alive_{}", it.name)));
    names.extend(
        ["n_alive_weights", "bytes_up", "bytes_down", "bytes_dense", "seconds", "stage", "level", "density"]
            .map(String::from),
    );
    names.extend(["bytes_contributions", "bytes_plans"].map(String::from));
    csv.write_record(&names).expect("memory takes every write");
    for it in &view.history {
        csv.write_record(fields(it)).expect("memory takes every write");
    }
    csv.into_inner().expect("memory takes every write")
}

/// One JSON object per committed round.
pub fn metrics_jsonl(view: &View) -> Vec<u8> {
    let line = |it: &Arc<RoundRecord>| serde_json::to_string(it.as_ref()).expect("records have string keys") + "\n";
    view.history.iter().map(line).collect::<String>().into_bytes()
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
    fields.extend([it.bytes_contributions, it.bytes_plans].map(|it| it.to_string()));
    fields
}

fn text<T: ToString>(value: Option<T>) -> String {
    value.map_or(String::new(), |it| it.to_string())
}

/// `graph`'s parameters from `weights`, one byte per group of every row (1 alive), and the recipe.
fn file(recipe: &Recipe, graph: &Graph, weights: &[f32], state: &State) -> Vec<u8> {
    let bytes: Vec<u8> = weights.iter().flat_map(|it| it.to_le_bytes()).collect();
    let units: Vec<u8> = (0..state.mask().len()).map(|it| state.mask().has(it).into()).collect();
    let view = |dtype, shape, bytes| TensorView::new(dtype, shape, bytes).expect("the bytes have this shape");
    let mut tensors = Vec::new();
    for (param, range) in graph.params.iter().zip(graph.param_ranges()) {
        let values = &bytes[4 * range.start..4 * range.end];
        tensors.push((param.name.clone(), view(Dtype::F32, graph.shape(&param.axes), values)));
    }
    for row in &recipe.groups().rows {
        tensors.push((format!("mask.{}", row.name), view(Dtype::U8, vec![row.len()], &units[row.range()])));
    }
    safetensors::serialize(tensors, Some(HashMap::from([("recipe".to_owned(), recipe.to_json())])))
        .expect("names are unique and shapes fit")
}
