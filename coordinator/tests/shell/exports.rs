//! Exports: what leaves is what was trained.

use coordinator::export;
use coordinator::session::{Session, State};
use protocol::recipe::RawRecipe;
use safetensors::SafeTensors;

use crate::tiny;

/// All parameters of a file, in the model's order.
fn weights(file: &SafeTensors<'_>) -> Vec<f32> {
    let params = tiny::recipe().model().graph().params.clone();
    let data = params.iter().flat_map(|it| file.tensor(&it.name).expect("every parameter is there").data().to_vec());
    data.collect::<Vec<u8>>().chunks_exact(4).map(|it| f32::from_le_bytes([it[0], it[1], it[2], it[3]])).collect()
}

fn pruned() -> State {
    tiny::committed(2).pop().expect("two rounds")
}

#[test]
fn compact_scattered_back_is_dense() {
    let (recipe, state) = (tiny::recipe(), pruned());
    let (compact, dense) = (export::compact(&recipe, &state), export::dense(&recipe, &state));
    let compact = SafeTensors::deserialize(&compact).expect("safetensors");
    let dense = SafeTensors::deserialize(&dense).expect("safetensors");
    assert_eq!(state.mask().count(), 2);
    assert_eq!(compact.tensor("linear1.weight").expect("there").shape(), [2, 2]);
    assert_eq!(compact.tensor("linear3.weight").expect("there").shape(), [2, 2]);
    assert_eq!(dense.tensor("linear1.weight").expect("there").shape(), [4, 2]);
    let mut scattered = vec![0.0; 22];
    for (at, value) in recipe.model().alive_weights(state.mask()).iter().zip(weights(&compact)) {
        scattered[*at as usize] = value;
    }
    assert_eq!(scattered, weights(&dense));
    assert_eq!(scattered, state.weights());
    for file in [&compact, &dense] {
        let units: Vec<u8> = (0..4).map(|it| state.mask().has(it).into()).collect();
        assert_eq!(file.tensor("mask.linear1").expect("there").data(), units);
    }
}

#[test]
fn the_recipe_travels_with_the_model() {
    let file = export::compact(&tiny::recipe(), &pruned());
    let (_, metadata) = SafeTensors::read_metadata(&file).expect("safetensors");
    let text = &metadata.metadata().as_ref().expect("metadata")["recipe"];
    assert_eq!(RawRecipe::from_json(text).and_then(RawRecipe::check), Ok(tiny::recipe()));
}

#[test]
fn metrics_have_a_line_per_round() {
    let played = tiny::played(2);
    let history = played.iter().map(|it| it.1.clone()).collect();
    let view = Session::resumed(tiny::recipe(), tiny::settings(), pruned(), history).view();
    let csv = String::from_utf8(export::metrics_csv(&view)).expect("text");
    let lines: Vec<Vec<&str>> = csv.lines().map(|it| it.split(',').collect()).collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|it| it.len() == lines[0].len()));
    let column = |name: &str| lines[0].iter().position(|it| *it == name).expect(name);
    let values = ["round", "counted", "received_accuracy", "test_accuracy", "alive_linear1", "mask_event"]
        .map(|it| lines[2][column(it)]);
    assert_eq!(values, ["1", "2", "0.5", "", "2", "1"]);
    let json = String::from_utf8(export::metrics_jsonl(&view)).expect("text");
    let last: serde_json::Value = serde_json::from_str(json.lines().last().expect("two lines")).expect("JSON");
    assert_eq!((json.lines().count(), &last["round"]), (2, &serde_json::json!(1)));
}

#[test]
fn a_folder_is_left_with_every_export_and_the_charts_of_a_report() {
    let history = tiny::played(2).iter().map(|it| it.1.clone()).collect();
    let view = Session::resumed(tiny::recipe(), tiny::settings(), pruned(), history).view();
    let folder = tempfile::tempdir().expect("a folder");
    export::leave(folder.path(), &tiny::recipe(), &pruned(), &view).expect("room for it");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect(name);
    assert_eq!(read("metrics.csv").as_bytes(), export::metrics_csv(&view));
    assert!(folder.path().join("compact.safetensors").is_file() && folder.path().join("dense.safetensors").is_file());
    for name in ["accuracy", "loss", "density", "bytes"] {
        assert!(read(&format!("{name}.svg")).starts_with("<svg"), "{name}");
    }
    let nowhere = export::leave(&folder.path().join("gone"), &tiny::recipe(), &pruned(), &view);
    assert!(nowhere.expect_err("no folder").to_string().contains("compact.safetensors"));
}
