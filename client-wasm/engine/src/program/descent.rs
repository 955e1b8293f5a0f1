//! Descent as calls: the optimizer's step, and the buffers in which it keeps state.

use protocol::graph::Graph;
use protocol::training::optimizers::{Optimizer, adam::Adam, sgd::Sgd};

use super::Fixed;
use super::lifetimes::{Place, Tape};
use crate::kernels::Call;
use crate::kernels::descent::{adam, bias_correction, mask, momentum, sgd};
use crate::kernels::entrywise::scale;

/// Divides gradients by the loss scale: a power of two, so the result is exact.
pub(super) fn unscale(loss_scale: f32, graph: &Graph, tape: &mut Tape) {
    if loss_scale != 1.0 {
        let params = scale::Params { len: graph.n_trained() as u32, factor: 1.0 / loss_scale };
        tape.push(Call::Scale(params), [Place::Fixed(Fixed::Gradients)]);
    }
}

/// Updates the weights.
pub(super) fn push(optimizer: &Optimizer, graph: &Graph, tape: &mut Tape) {
    let len = graph.n_trained() as u32;
    let [gradients, knobs, weights, moments, squares] =
        [Fixed::Gradients, Fixed::Knobs, Fixed::Weights, Fixed::Moments, Fixed::Squares].map(Place::Fixed);
    match optimizer {
        Optimizer::Sgd(it) if is_plain(it) => tape.push(Call::Sgd(sgd::Params { len }), [gradients, knobs, weights]),
        Optimizer::Sgd(Sgd { momentum, weight_decay, .. }) => {
            let params = momentum::Params { len, momentum: *momentum, decay: *weight_decay };
            tape.push(Call::Momentum(params), [gradients, knobs, weights, moments]);
        }
        Optimizer::Adam(Adam { beta1, beta2, epsilon, weight_decay, .. }) => {
            let (beta1, beta2, epsilon, decay) = (*beta1, *beta2, *epsilon, *weight_decay);
            tape.push(
                Call::BiasCorrection(bias_correction::Params { beta1, rest1: 1.0 - beta1, beta2, rest2: 1.0 - beta2 }),
                [knobs],
            );
            let params = adam::Params { len, beta1, beta2, epsilon, decay };
            tape.push(Call::Adam(params), [gradients, knobs, weights, moments, squares]);
        }
    }
}

/// Sets dead weights back to 0. Each weight is updated independently, so living weights move as if dead gradients were
/// 0.
pub(super) fn mask(graph: &Graph, tape: &mut Tape) {
    let params = mask::Params { len: graph.n_trained() as u32 };
    tape.push(Call::Mask(params), [Fixed::Alive, Fixed::Weights].map(Place::Fixed));
}

/// Buffers in which an optimizer keeps state, each with a word per trained weight.
pub fn remembered(optimizer: &Optimizer) -> &'static [Fixed] {
    match optimizer {
        Optimizer::Sgd(it) if is_plain(it) => &[],
        Optimizer::Sgd(_) => &[Fixed::Moments],
        Optimizer::Adam(_) => &[Fixed::Moments, Fixed::Squares],
    }
}

fn is_plain(sgd: &Sgd) -> bool {
    sgd.momentum == 0.0 && sgd.weight_decay == 0.0
}
