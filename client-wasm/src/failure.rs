//! Failures: why a client cannot go on, or has to begin anew, as codes; what a library or driver said stands beside them as a detail.

use protocol::choices::Memory;
use protocol::wire::Refusal;
use serde::Serialize;

use crate::trainer::{Misfit, TrainError};
use engine::devices::DeviceError;

/// Why a client cannot go on.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The coordinator refuses it for good.
    Refused(Refusal),
    /// What came is no message.
    Unreadable(Refusal),
    /// The session's recipe cannot be run here.
    Recipe {
        /// What is wrong with it.
        detail: String,
    },
    /// The data does not fit the model.
    Data {
        /// What does not.
        detail: String,
    },
    /// A plan came before any data.
    PlanBeforeData,
    /// The plan does not fit the model.
    Plan {
        /// What does not.
        detail: String,
    },
    /// Not even the processor can train it.
    Device(Trouble),
    /// The trainer ended without a word.
    Stopped,
}

/// Why a device cannot go on.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// There is none.
    Absent {
        /// What the system said.
        detail: String,
    },
    /// Its shaders could not be loaded.
    Unloaded {
        /// Why not.
        detail: String,
    },
    /// It refuses the model and the data.
    Refused {
        /// What the driver said.
        detail: String,
    },
    /// It has no 16-bit floats.
    Wide {
        /// The adapter's name.
        name: String,
    },
    /// It was there and is gone.
    Lost {
        /// What the driver said.
        detail: String,
    },
}

/// A device that gave up while it trained, and what goes on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fallback {
    /// What happened to it.
    pub trouble: Trouble,
    /// The device that starts the round again.
    pub device: String,
    /// Whether what the optimizer remembered of earlier rounds is lost with it.
    pub forgets: bool,
}

impl Fallback {
    /// After this error, on this device, under a stage that keeps its optimizer's memory so long.
    pub fn new(error: &DeviceError, device: &str, memory: Memory) -> Self {
        let forgets = match memory {
            Memory::Fresh => false,
            Memory::Kept => true,
        };
        Self { trouble: error.into(), device: device.into(), forgets }
    }
}

impl From<&DeviceError> for Trouble {
    fn from(error: &DeviceError) -> Self {
        match error.clone() {
            DeviceError::Absent { reason } => Self::Absent { detail: reason },
            DeviceError::Unloaded { reason } => Self::Unloaded { detail: reason },
            DeviceError::Refused { reason } => Self::Refused { detail: reason },
            DeviceError::Wide { name } => Self::Wide { name },
            DeviceError::Lost { reason } => Self::Lost { detail: reason },
        }
    }
}

impl From<TrainError> for Failure {
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Model(detail) => Self::Recipe { detail },
            TrainError::Shard(detail) => Self::Data { detail },
            TrainError::Plan(detail) => Self::Plan { detail },
            TrainError::Device(error) => Self::Device((&error).into()),
        }
    }
}

impl From<Misfit> for Failure {
    fn from(misfit: Misfit) -> Self {
        Self::Plan { detail: misfit.to_string() }
    }
}
