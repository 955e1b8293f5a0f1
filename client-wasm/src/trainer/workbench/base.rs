//! The base: the weights from which a plan's training starts.

use std::sync::Arc;

use engine::program::Fixed;
use protocol::codecs::Codec;
use protocol::wire::{Plan, Weights};

use super::{Built, Workbench};
use crate::trainer::TrainError;

/// What a plan's weights are, of whoever is alive in its mask.
#[derive(Clone, Debug)]
pub(super) struct Base {
    sent: Weights,
    stage: u16,
    mask: u64,
    weights: Arc<Vec<f32>>,
}

impl Workbench {
    /// Unpacks a plan's weights onto the device and gives them back.
    pub(in crate::trainer) fn receive(&mut self, codec: &Codec, plan: &Plan) -> Result<Arc<Vec<f32>>, TrainError> {
        let is_same = |it: &Base| (it.stage, it.mask) == (plan.stage, plan.mask.id) && it.sent == plan.weights;
        let weights = match self.base.take_if(|it| is_same(it)) {
            Some(base) => base.weights,
            None => Arc::new(self.unpacked(codec, plan)?),
        };
        self.set_weights(&weights);
        if self.serves_several {
            let (sent, stage, mask) = (plan.weights.clone(), plan.stage, plan.mask.id);
            self.base = Some(Base { sent, stage, mask, weights: weights.clone() });
        }
        Ok(weights)
    }

    fn unpacked(&self, codec: &Codec, plan: &Plan) -> Result<Vec<f32>, TrainError> {
        let Some(Built { kept, .. }) = &self.built else { return Ok(vec![]) };
        match &plan.weights {
            Weights::Seed(seed) => Ok(kept.gather(&self.model.w0(*seed))),
            Weights::Values(values) => {
                let unpacked = codec.unpack(values.bytes(), &self.blocks());
                unpacked.ok_or_else(|| {
                    TrainError::Plan(format!(
                        "{} bytes of weights for {} that are alive",
                        values.bytes().len(),
                        kept.len()
                    ))
                })
            }
        }
    }

    /// Writes the alive weights.
    pub(in crate::trainer) fn set_weights(&mut self, weights: &[f32]) {
        let Some(Built { shape, kept, .. }) = &self.built else { return };
        if shape.is_masked() {
            let mut full = vec![0.0_f32; kept.total()];
            kept.scatter(weights.iter().copied(), &mut full, |to, from| *to = from);
            self.engine.write(Fixed::Weights.id(), bytemuck::cast_slice(&full));
        } else {
            self.engine.write(Fixed::Weights.id(), bytemuck::cast_slice(weights));
        }
    }
}
