//! Cut: a stage whose optimizer remembers is one run, into however many rounds it is cut.

use std::sync::atomic::AtomicBool;

use pleach::opening::{Opening, Wish};
use pleach::simulate::Simulation;
use safetensors::SafeTensors;

/// One centre with Adam, whose batches end within rounds.
fn recipe(rounds: u32, steps: u32, memory: &str) -> String {
    format!(
        r#"
        name = "cut"
        about = "{rounds} rounds of {steps} steps"
        cohort = {{ kind = "centre" }}
        rounds = {{ total = {rounds} }}
        local = {{ steps = {steps}, batch = 30, held_out = 0.0, memory = "{memory}", optimizer = {{ kind = "adam", learning_rate = 0.001 }} }}
        aggregation = {{ kind = "mean" }}
        [model]
        input = [784]
        layers = [{{ kind = "linear", units = 12 }}, {{ kind = "relu" }}, {{ kind = "linear", units = 10 }}]
        "#
    )
}

/// All weights at the end.
fn weights(recipe: &str) -> Vec<f32> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cut.toml");
    std::fs::write(&file, recipe).expect("written");
    let opening = Opening::new(Wish {
        recipe: file.to_str().expect("temporary paths are text").into(),
        data: None,
        partition: "iid".parse().expect("a partition"),
        corrupt: vec![],
        parts: 1,
        rounds: None,
        seed: 3,
    });
    let out = folder.path().join("run");
    let simulation = Simulation::new(opening.expect("it can be opened"), 3, Some(&out)).expect("the folder is new");
    simulation.run(1, &AtomicBool::new(false)).expect("the centre trains");
    let bytes = std::fs::read(out.join("dense.safetensors")).expect("an export");
    let tensors = SafeTensors::deserialize(&bytes).expect("as it was written");
    let floats = |name: &str| {
        let data = tensors.tensor(name).expect("it is listed").data().to_vec();
        data.as_chunks().0.iter().map(|it| f32::from_le_bytes(*it)).collect::<Vec<_>>()
    };
    let mut names: Vec<&str> = tensors.names().into_iter().filter(|it| it.ends_with("weight")).collect();
    names.sort_unstable();
    assert_eq!(names.len(), 2);
    names.into_iter().flat_map(floats).collect()
}

/// The largest difference of a weight.
fn apart(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn a_session_of_many_short_rounds_is_one_of_a_long_one_but_for_the_rounding_of_updates() {
    // Differences travel, and are added up in steps of 2⁻³⁰; the trainer's own tests are exact.
    let whole = weights(&recipe(1, 200, "fresh"));
    for (rounds, steps) in [(200, 1), (40, 5), (2, 100)] {
        let cut = apart(&weights(&recipe(rounds, steps, "kept")), &whole);
        println!("{rounds} rounds of {steps} steps: {cut} apart");
        assert!(cut < 1e-4, "{rounds} rounds of {steps} steps: {cut}");
    }
    let forgetful = apart(&weights(&recipe(40, 5, "fresh")), &whole);
    assert!(forgetful > 1e-2, "the comparison would see what forgets: {forgetful}");
}
