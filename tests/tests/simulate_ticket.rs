//! A ticket travels: found with one optimizer, it trains with another, and better than its controls (Morcos et al. 2019).

use std::fs;
use std::path::Path;

use e2e::command::pleach;
use protocol::drafts::Draft;
use serde_json::Value;

/// A recipe that trains a ticket with Adam and changes its mask no more.
fn adam(ticket: &Path, control: &str) -> String {
    let start = format!(r#"{{ ticket = "{}"{control} }}"#, ticket.display());
    let optimizer = r#"{ kind = "adam", learning_rate = 0.001 }"#;
    let local = format!("{{ epochs = 1, batch = 60, held_out = 0.0, optimizer = {optimizer} }}");
    let draft = Draft::dense(1).with("model", r#"{ name = "lenet-300-100" }"#).with("local", &local).rounds(2);
    draft.with("cohort", "centre").with("start", &start).weights().masked("schedule", "never").text()
}

fn summary(args: &[&str]) -> Value {
    let printed = pleach(&[&["simulate"], args, &["--json"]].concat());
    serde_json::from_str(&printed).expect("a summary is one line of JSON")
}

fn number(summary: &Value, key: &str) -> f64 {
    summary[key].as_f64().expect("a summary has the number")
}

#[test]
fn a_ticket_found_with_sgd_trains_with_adam_and_beats_a_shuffled_mask_and_fresh_weights() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = |path: &Path| path.to_str().expect("temporary paths are text").to_owned();
    let out = folder.path().join("found");
    let found = summary(&["one_ticket", "--rounds", "18", "--out", &text(&out)]);
    let ticket = out.join("tickets/stage-1-level-11.safetensors");
    let file = folder.path().join("adam.toml");
    let trained = |control: &str| {
        fs::write(&file, adam(&ticket, control)).expect("written");
        summary(&[&text(&file), "--seed", "9"])
    };
    let ticket = trained("");
    assert_eq!(ticket["unit_density"], found["unit_density"], "the mask of the last level stays");
    let error = |it: &Value| 1.0 - number(it, "test_accuracy");
    for control in [r#", mask = "shuffled""#, r#", weights = "fresh""#] {
        let control = trained(control);
        assert_eq!(control["n_alive_weights"], ticket["n_alive_weights"], "a control is as small");
        // Over three seeds the controls made 2.7 to 5.4 times as many mistakes.
        assert!(error(&control) > 2.0 * error(&ticket), "{} against {}", error(&control), error(&ticket));
    }
}
