//! Time of a training step: `cargo run --release -p engine --example steps -- lenet-300-100 64 [cpu|gpu]`.

#![allow(clippy::print_stdout, reason = "a tool that prints")]

use std::collections::BTreeMap;

use engine::clock::now_micros;
use engine::devices::{Device, cpu};
use engine::program::{Ballot, Blueprint, Evidence, Fixed, Precision, Program, Section, Sizes};
use protocol::mask::Mask;
use protocol::model::{Model, gathered};
use protocol::models;
use protocol::training::optimizers::{Optimizer, sgd::Sgd};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let at = |it: usize, default: &str| arguments.get(it).cloned().unwrap_or(default.into());
    let model = models::named(&at(0, "lenet-300-100")).expect("a model").check().expect("it fits");
    let batch: usize = at(1, "64").parse().expect("a batch");
    for density in [1.0, 0.5, 0.2] {
        let mask = share(&model, density);
        let micros = match at(2, "cpu").as_str() {
            "gpu" => {
                pollster::block_on(timed(&pollster::block_on(Device::gpu()).expect("a GPU"), &model, &mask, batch))
            }
            _ => pollster::block_on(timed(&Device::cpu(), &model, &mask, batch)),
        };
        println!("density {density}: {:.3} ms per step", micros as f64 / 1000.0);
    }
    profile(&model, batch);
}

/// The first units of every space.
fn share(model: &Model, density: f64) -> Mask {
    let ranges = model.graph().unit_ranges();
    let is_alive = |unit: usize| {
        let space = ranges.iter().find(|it| it.contains(&unit)).expect("every unit has a space");
        ((unit - space.start) as f64) < (space.len() as f64 * density).ceil()
    };
    Mask::from_fn(model.graph().n_units(), is_alive)
}

fn contents(model: &Model, mask: &Mask, batch: usize, precision: Precision) -> (Program, Vec<(Fixed, Vec<u32>)>) {
    let (samples, evaluation_batch, scale, shift) = (batch, batch, 1.0 / 255.0, 0.0);
    let sizes = Sizes { samples, batch, evaluation_batch, scale, shift, precision };
    let (graph, optimizer) = (&model.pruned(mask), &Optimizer::Sgd(Sgd::plain(0.1)));
    let program =
        Program::new(&Blueprint { graph, optimizer, ballot: &Ballot::none(), evidence: Evidence::default(), sizes });
    let features = program.buffers[Fixed::Features.id()] as u64;
    let weights = gathered(&model.w0(1), &model.alive_weights(mask));
    let filled = vec![
        (Fixed::Features, (0..features).map(|it| protocol::random::word(1, 1, it) as u32).collect()),
        (Fixed::Order, (0..batch as u32).collect()),
        (Fixed::Knobs, vec![1e-4f32.to_bits()]),
        (Fixed::Weights, bytemuck::cast_vec(weights)),
    ];
    (program, filled)
}

/// Microseconds per step: the best of several stretches.
async fn timed(device: &Device, model: &Model, mask: &Mask, batch: usize) -> u64 {
    let (program, filled) = contents(model, mask, batch, device.precision());
    let mut engine = device.engine();
    engine.load(program).await.expect("it fits");
    for (buffer, words) in filled {
        engine.write(buffer.id(), &words);
    }
    let mut best = u64::MAX;
    let mut steps = 1;
    for _ in 0..12 {
        let start = now_micros();
        for _ in 0..steps {
            engine.write(Fixed::Cursor.id(), &[0, batch as u32]);
            engine.run(Section::Train, 1);
        }
        engine.read(&[Fixed::Totals.id()]).await.expect("still there");
        let took = now_micros() - start;
        best = best.min(took / steps);
        steps = (200_000 / (took / steps).max(1)).clamp(1, 200);
    }
    best
}

/// Time of a CPU step, by kernel.
fn profile(model: &Model, batch: usize) {
    let (program, filled) = contents(model, &Mask::full(model.graph().n_units()), batch, Precision::Single);
    let mut buffers: Vec<Vec<u32>> = program.buffers.iter().map(|&it| vec![0; it]).collect();
    for (buffer, words) in filled {
        buffers[buffer.id()][..words.len()].copy_from_slice(&words);
    }
    let mut best: BTreeMap<(usize, &str), u64> = BTreeMap::new();
    for _ in 0..20 {
        buffers[Fixed::Cursor.id()] = vec![0, batch as u32, 0, 0];
        for (at, step) in program.steps(Section::Train).iter().enumerate() {
            let mut lent: Vec<Vec<u32>> = step.buffers.iter().map(|&it| std::mem::take(&mut buffers[it])).collect();
            let start = now_micros();
            cpu::execute(&step.call, &mut lent);
            let took = now_micros() - start;
            let least = best.entry((at, step.call.kernel().name)).or_insert(u64::MAX);
            *least = took.min(*least);
            for (&id, buffer) in step.buffers.iter().zip(lent) {
                buffers[id] = buffer;
            }
        }
    }
    for ((at, name), micros) in best {
        println!("{at:4} {name:20} {micros:8} µs");
    }
}
