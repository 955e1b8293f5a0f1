//! Every recipe that the command carries runs as it stands with the host's own clients over real sockets: as short as it can
//! be, by `pleach host --practice 2`.

use std::path::Path;

use e2e::command::pleach;
use e2e::images;
use pleach::recipes::{self, CARRIED};
use protocol::recipe::Course;
use serde_json::Value;

/// Bytes of a sample, where a recipe leaves that to the data.
const DIGIT: usize = 28 * 28;

/// Runs a session of two practice clients over the images in a folder and gives its summary.
fn hosted(recipe: &str, data: &Path, state: &Path) -> Value {
    let [data, state] = [data, state].map(|it| it.to_str().expect("temporary paths are text"));
    let session = ["host", "--recipe", recipe, "--data", data, "--rounds", "1", "--state", state];
    let crew = ["--practice", "2", "--device", "cpu", "--bind", "127.0.0.1:0", "--exit", "--json"];
    serde_json::from_str(&pleach(&[&session[..], &crew].concat())).expect("a summary")
}

#[test]
fn every_recipe_runs_with_practice_clients_over_sockets() {
    let folder = tempfile::tempdir().expect("a folder");
    for it in CARRIED {
        let name = it.name;
        let recipe = recipes::raw(name).expect("carried").over(DIGIT).check().expect("legal");
        let data = folder.path().join(format!("{name}-data"));
        std::fs::create_dir(&data).expect("it is new");
        let sample_len = recipe.model().sample_len() as u32;
        if sample_len == 28 * 28 {
            images::write_digits(&data)
        } else {
            images::write_noise(&data, [1, sample_len])
        }
        let summary = hosted(name, &data, &folder.path().join(name));
        let rounds = u64::from(Course::least(&recipe).total());
        assert_eq!((&summary["done"], &summary["rounds_committed"]), (&Value::from(true), &rounds.into()), "{name}");
        assert!(summary["test_loss"].as_f64().is_some_and(f64::is_finite), "{name}: {summary}");
        let of_clients = summary["clients"].as_array().expect("who took part");
        let n_counted = of_clients.iter().filter_map(|it| it["rounds"].as_u64()).filter(|it| *it > 0).count();
        let has_centre = recipe.asks_centre() && !recipe.is_central();
        let expected = if recipe.is_central() { 1 } else { 2 + usize::from(has_centre) };
        assert_eq!(n_counted, expected, "{name}: {of_clients:?}");
    }
}
