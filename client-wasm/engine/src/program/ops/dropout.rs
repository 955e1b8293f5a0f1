//! Dropout, and the rescaling of layers with missing units: one kernel, the same forward and backward.

use protocol::graph::TensorId;

use super::{CURSOR, Lowering, Operation};
use crate::kernels::Call;
use crate::kernels::entrywise::dropout::Params;
use crate::program::lowering::Pass;

/// y = x with some entries dropped and the others scaled up.
pub(super) struct Thinned {
    pub(super) x: TensorId,
    pub(super) y: TensorId,
    pub(super) how: Thinning,
}

/// How many entries are dropped.
pub(super) enum Thinning {
    /// This share, in training only.
    Rate(f32),
    /// No entry; all entries are multiplied by this factor, in every pass.
    Factor(f32),
}

impl Thinned {
    fn call(&self, lowering: &Lowering<'_>) -> Call {
        let len = lowering.entries(self.y);
        Call::Dropout(match self.how {
            Thinning::Rate(rate) => {
                let threshold = (f64::from(rate) * f64::from(u32::MAX)) as u32;
                Params { len, stream: self.y as u32, threshold, scale: 1.0 / (1.0 - rate) }
            }
            Thinning::Factor(factor) => {
                // Second derivatives are multiplied by the factor twice.
                let scale = if lowering.pass == Pass::Curvature { factor * factor } else { factor };
                Params { len, stream: 0, threshold: 0, scale }
            }
        })
    }
}

impl Operation for Thinned {
    fn forward(&self, lowering: &mut Lowering<'_>) {
        match (&self.how, lowering.pass) {
            (Thinning::Rate(_), Pass::Evaluate) => lowering.rename(self.x, self.y),
            (Thinning::Rate(_) | Thinning::Factor(_), _) => {
                let (call, from, to) = (self.call(lowering), lowering.value(self.x), lowering.new_value(self.y));
                lowering.tape.push(call, [CURSOR, from, to]);
            }
        }
    }

    fn backward(&self, lowering: &mut Lowering<'_>) {
        let (call, dy) = (self.call(lowering), lowering.gradient(self.y));
        lowering.give(self.x, |tape, dx| tape.push(call, [CURSOR, dy, dx]));
    }

    fn renamed(&self) -> Option<[TensorId; 2]> {
        match self.how {
            Thinning::Rate(_) => Some([self.x, self.y]),
            Thinning::Factor(_) => None,
        }
    }
}
