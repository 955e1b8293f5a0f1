//! Number of bytes that a program reports.

use engine::devices::Device;
use engine::program::{Ballot, Blueprint, Evidence, Norm, Precision, Program, Sizes};
use pollster::block_on;
use protocol::groups::Groups;
use protocol::models;
use protocol::training::optimizers::{Optimizer, sgd::Sgd};

#[test]
fn a_program_takes_the_bytes_of_all_buffers_that_a_device_makes_for_it() {
    let model = models::named("lenet-300-100").expect("a named model").check().expect("its shapes fit");
    let (graph, optimizer) = (model.graph(), &Optimizer::Sgd(Sgd::plain(0.1)));
    let (batch, evaluation_batch, precision) = (8, 16, Precision::Single);
    let sizes = Sizes { samples: 100, batch, evaluation_batch, scale: 1.0, shift: 0.0, precision };
    let ballot = &Ballot::of_all(&Groups::of_units(graph), graph.n_units(), Norm::L2);
    let blueprint = Blueprint { graph, optimizer, ballot, evidence: Evidence::default(), sizes };
    let [dense, masked] = [Program::new, Program::masked].map(|make| {
        let program = make(&blueprint);
        let (bytes, ids) = (program.bytes(), (0..program.buffers.len()).collect::<Vec<_>>());
        let mut engine = Device::cpu().engine();
        block_on(engine.load(program)).expect("it fits");
        let held = block_on(engine.read(&ids)).expect("memory stays");
        assert_eq!(bytes, held.iter().map(|it| size_of_val(&it[..]) as u64).sum::<u64>());
        bytes
    });
    // At least the weights, their gradients and a byte for every pixel.
    assert!(dense > 2 * 4 * 266_610 + 100 * 784, "{dense}");
    assert_eq!(masked - dense, 4 * 266_610_u64.div_ceil(32), "a bit a weight, in whole words");
}
