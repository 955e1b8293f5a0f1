//! Local: how a client trains in a round, and how weights and updates are encoded.

use crate::choices::Memory;
use crate::codecs::{Codec, f32::F32};
use crate::inherited;
use crate::training::optimizers::Optimizer;

/// How much a client trains in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Work {
    /// No training: the client only evaluates the weights it receives.
    Evaluate,
    /// Passes over the client's training samples.
    Epochs(u16),
    /// Steps of one batch each.
    Steps(u32),
}

inherited! {
    /// How a client trains in one round.
    pub struct Local from TypedLocal {
        /// Passes over the client's training part per round; this or `steps`.
        epochs: Option<u16> [from(1.0).up_to(1000.0)] = None,
        /// Steps of one batch each per round; this or `epochs`. 0 where clients only evaluate gradients, for the
        /// evidence of a mask event.
        steps: Option<u32> [from(0.0).up_to(1e6)] = None,
        /// Samples per step.
        batch: u16 [from(1.0).up_to(65_535.0)],
        /// Largest number of samples that a client trains on, the same ones in every round. Default: all.
        samples: Option<u32> [from(1.0)] = None,
        /// Share of a client's samples held out to measure the global model.
        held_out: f64 [from(0.0).up_to(0.5)] = 0.1,
        /// How gradients move weights.
        optimizer: Optimizer,
        /// What the optimizer remembers from one plan to the next. A reloaded page starts anew.
        memory: Memory = Memory::Fresh,
    }
}

impl Local {
    /// How much is trained in a round.
    pub fn work(&self) -> Work {
        match (self.epochs, self.steps) {
            (Some(epochs), _) => Work::Epochs(epochs),
            (None, Some(steps)) => Work::Steps(steps),
            (None, None) => Work::Evaluate,
        }
    }
}

inherited! {
    /// How floats are encoded on the wire.
    pub struct Coding from TypedCoding {
        /// Encoding of updates from clients.
        up: Codec = Codec::F32(F32 {}),
        /// Encoding of weights to clients.
        down: Codec = Codec::F32(F32 {}),
    }
}
