//! Time that gathering evidence adds to rounds of 20 steps: `cargo run --release -p engine --example evidence -- W1
//! [cpu|gpu]`.

#![allow(clippy::print_stdout, reason = "a tool that prints")]

use engine::bench::workload::{N_BATCHES, Workload};
use engine::clock::now_micros;
use engine::devices::{Device, Engine};
use engine::program::{Ballot, Blueprint, Evidence, Fixed, Gathered, Norm, Program, Section, Sizes};
use pollster::block_on;
use protocol::choices::Fold;
use protocol::groups::Groups;

const STEPS: u32 = 20;
const ROUNDS: usize = 25;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let name = arguments.first().map_or("W1", String::as_str);
    let device = match arguments.get(1).map(String::as_str) {
        Some("gpu") => block_on(Device::gpu()).expect("a GPU"),
        _ => Device::cpu(),
    };
    let dense = Workload::named(name, 1.0).expect("a workload");
    let masked = Workload::named(&format!("{name} masked"), 0.2).expect("a workload");
    let units = Ballot::of_all(&Groups::of_units(&dense.graph), dense.graph.n_units(), Norm::L1);
    let of = |of| Evidence { of, groups: None };
    let by_group = Evidence { of: Gathered::Steps(Fold::Abs), groups: Some(&units) };
    let kinds = [
        ("plain", &dense, Evidence::default()),
        ("plain again", &dense, Evidence::default()),
        ("of groups", &dense, by_group),
        ("of weights, sizes", &dense, of(Gathered::Steps(Fold::Abs))),
        ("of weights, squares", &dense, of(Gathered::Steps(Fold::Square))),
        ("of rounds", &dense, of(Gathered::Rounds)),
        ("masked to a fifth", &masked, Evidence::default()),
        ("masked, of rounds", &masked, of(Gathered::Rounds)),
    ];
    let mut engines: Vec<(Engine, Evidence<'_>)> = kinds.iter().map(|it| (loaded(&device, it.1, it.2), it.2)).collect();
    let mut micros = vec![vec![]; kinds.len()];
    // Variants take turns round by round, so that other load on the machine affects all of them equally.
    for _ in 0..ROUNDS {
        for ((engine, evidence), micros) in engines.iter_mut().zip(&mut micros) {
            micros.push(round(engine, dense.batches.len, evidence));
        }
    }
    let median = |mut all: Vec<u64>| {
        all.sort_unstable();
        all[all.len() / 2] as f64
    };
    let plain = median(micros[0].clone());
    println!(
        "{name} on {}, {ROUNDS} rounds of {STEPS} steps, {:.3} ms a step",
        device.name(),
        plain / 1000.0 / f64::from(STEPS)
    );
    for (kind, micros) in kinds.iter().zip(micros) {
        println!("{:20} × {:.3}", kind.0, median(micros) / plain);
    }
}

fn loaded(device: &Device, it: &Workload, evidence: Evidence<'_>) -> Engine {
    let samples = N_BATCHES * it.batches.len;
    let (batch, scale, shift, precision) = (it.batches.len, it.batches.scale, it.batches.shift, device.precision());
    let sizes = Sizes { samples, batch, evaluation_batch: batch, scale, shift, precision };
    let make = if it.alive.is_some() { Program::masked } else { Program::new };
    let (graph, optimizer) = (&it.graph, &it.optimizer);
    let mut engine = device.engine();
    block_on(engine.load(make(&Blueprint { graph, optimizer, ballot: &Ballot::none(), evidence, sizes })))
        .expect("it fits");
    if let Some(alive) = &it.alive {
        engine.write(Fixed::Alive.id(), alive.words());
    }
    let mut features = it.batches.features.clone();
    features.resize(features.len().next_multiple_of(4), 0);
    engine.write(Fixed::Features.id(), &bytemuck::pod_collect_to_vec::<u8, u32>(&features));
    engine.write(Fixed::Answers.id(), &it.batches.labels);
    engine.write(Fixed::Order.id(), &(0..samples as u32).collect::<Vec<_>>());
    engine.write(Fixed::Knobs.id(), &[1e-4_f32.to_bits(), 0, 0]);
    engine.write(Fixed::Weights.id(), bytemuck::cast_slice(&it.weights));
    engine
}

/// Microseconds of a round: its steps, and the work at its end.
fn round(engine: &mut Engine, batch: usize, evidence: &Evidence<'_>) -> u64 {
    let start = now_micros();
    for _ in 0..STEPS {
        engine.write(Fixed::Cursor.id(), &[0, (N_BATCHES * batch) as u32]);
        engine.run(Section::Train, 1);
    }
    if evidence.of == Gathered::Rounds {
        engine.write(Fixed::Amount.id(), &[100f32.to_bits()]);
        engine.run(Section::Settle, 1);
    }
    if evidence.groups.is_some() {
        engine.run(Section::Reduce, 1);
    }
    block_on(engine.read(&[Fixed::Totals.id()])).expect("still there");
    now_micros() - start
}
