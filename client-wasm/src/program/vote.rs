//! The vote as calls: energy of every unit over all it owns, the lowest of every space, bits over the full model.

use protocol::graph::{Axis, Graph};

use super::lifetimes::{Place, Tape};
use super::{Fixed, Sizes};
use crate::kernels::{Call, energy, lowest, pack};

/// Scores, selects and packs.
pub(super) fn tape(graph: &Graph, sizes: &Sizes) -> Tape {
    let mut tape = Tape::default();
    let [weights, energies, quotas, drops, places, ballot] =
        [Fixed::Weights, Fixed::Energies, Fixed::Quotas, Fixed::Drops, Fixed::Places, Fixed::Ballot].map(Place::Fixed);
    for params in energy_params(graph) {
        tape.push(Call::Energy(params), [weights, energies]);
    }
    for (space, units) in graph.unit_ranges().into_iter().enumerate() {
        let params = lowest::Params { first: units.start as u32, units: units.len() as u32, space: space as u32 };
        tape.push(Call::Lowest(params), [energies, quotas, drops]);
    }
    tape.push(Call::Pack(pack::Params { units: sizes.full_units as u32 }), [places, drops, ballot]);
    tape
}

/// One for every axis of every trained parameter that belongs to a space.
fn energy_params(graph: &Graph) -> Vec<energy::Params> {
    let units = graph.unit_ranges();
    let mut begun = vec![0; units.len()];
    let mut all = Vec::new();
    for (param, range) in graph.params.iter().zip(graph.param_ranges()).filter(|it| it.0.trained) {
        let shape = graph.shape(&param.axes);
        for (at, axis) in param.axes.iter().enumerate() {
            let Axis::Units { space, block } = *axis else { continue };
            all.push(energy::Params {
                offset: range.start as u32,
                outer: shape[..at].iter().product::<usize>() as u32,
                units: units[space].len() as u32,
                inner: (block * shape[at + 1..].iter().product::<usize>()) as u32,
                first: units[space].start as u32,
                keeps: begun[space],
            });
            begun[space] = 1;
        }
    }
    all
}
