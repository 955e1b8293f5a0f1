//! The optimizer's memory on a workbench: what is read back, carried to whoever is alive next, and written again.

use protocol::groups::Form;
use protocol::task::TaskStage;
use protocol::wire::Plan;
use serde::{Deserialize, Serialize};

use super::{Built, Workbench};
use crate::program::Fixed;
use crate::trainer::TrainError;
use crate::trainer::memory::{Memory, carried};

/// The optimizer's buffers as they were, with what they are about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Remembered {
    memory: Memory,
    /// The step size, and how much of Adam's means is warm by now.
    warmth: Vec<u32>,
    buffers: Vec<(Fixed, Vec<u32>)>,
}

impl Workbench {
    /// What the optimizer remembers of the last plan; nothing where its stage forgets.
    pub(in crate::trainer) async fn remembered(&self) -> Result<Option<Remembered>, TrainError> {
        match &self.memory {
            Some(memory) => Ok(Some(self.recollect(memory.clone()).await?)),
            None => Ok(None),
        }
    }

    /// What the optimizer's buffers hold now.
    async fn recollect(&self, memory: Memory) -> Result<Remembered, TrainError> {
        let buffers = self.built.as_ref().map_or(&[][..], |it| it.shape.remembered());
        if buffers.is_empty() {
            return Ok(Remembered { memory, warmth: vec![], buffers: vec![] });
        }
        let ids: Vec<_> = [Fixed::Knobs].iter().chain(buffers).map(|it| it.id()).collect();
        let mut words = self.engine.read(&ids).await?;
        let buffers = buffers.iter().copied().zip(words.split_off(1)).collect();
        Ok(Remembered { memory, warmth: words.concat(), buffers })
    }

    /// Goes on from what was remembered, at the next plan.
    pub(in crate::trainer) fn recall(&mut self, remembered: Option<Remembered>) {
        (self.memory, self.spared) = (None, remembered);
    }

    /// Keeps what the optimizer remembers while another program is loaded, whose buffers may be of other sizes.
    pub(super) async fn spare(&mut self) -> Result<(), TrainError> {
        if let Some(remembered) = self.remembered().await? {
            (self.memory, self.spared) = (None, Some(remembered));
        }
        Ok(())
    }

    /// A new plan: this step size, this seed for dropout, and an optimizer that goes on from what it remembers, if that serves.
    pub(in crate::trainer) async fn start(&mut self, plan: &Plan, noise_seed: u32) -> Result<(), TrainError> {
        let remembered = self.memory.take().filter(|it| it.serves(plan));
        let spared = self.spared.take().filter(|it| it.memory.serves(plan));
        let goes_on = match (remembered, spared) {
            (Some(memory), _) => {
                self.carry(memory).await?;
                true
            }
            (None, Some(spared)) => {
                self.remember(&spared);
                true
            }
            (None, None) => false,
        };
        if !goes_on {
            self.forget();
        }
        self.engine.write(Fixed::Knobs.id(), &[plan.learning_rate.to_bits()]);
        self.engine.write(Fixed::Cursor.id(), &[0, 0, 0, noise_seed]);
        Ok(())
    }

    /// The optimizer begins anew: what it remembers is 0, and so is what its means weigh by now.
    fn forget(&mut self) {
        let buffers = self.built.as_ref().map_or(&[][..], |it| it.shape.remembered());
        buffers.iter().for_each(|it| self.engine.clear(it.id()));
        self.engine.clear(Fixed::Knobs.id());
    }

    /// The plan is done: the optimizer's buffers are what it leaves behind. Work that was broken off leaves nothing.
    pub(in crate::trainer) fn finish(&mut self, stage: &TaskStage, plan: &Plan) {
        self.memory = self.built.as_ref().and_then(|it| Memory::of(stage, plan, it.kept.clone()));
    }

    /// The same program, perhaps for other weights: a masked program has all of them, whoever is alive.
    async fn carry(&mut self, memory: Memory) -> Result<(), TrainError> {
        let is_moved = self.built.as_ref().is_some_and(|it| it.groups.form == Form::Narrow && it.kept != memory.kept);
        if is_moved {
            let remembered = self.recollect(memory).await?;
            self.remember(&remembered);
        }
        Ok(())
    }

    /// Writes what was remembered.
    fn remember(&mut self, Remembered { memory, warmth, buffers }: &Remembered) {
        let Some(Built { shape, groups, kept, .. }) = &self.built else { return };
        self.engine.write(Fixed::Knobs.id(), warmth);
        let n_trained = shape.n_trained(&self.model);
        for (buffer, words) in buffers {
            match groups.form {
                Form::Narrow => self.engine.write(buffer.id(), &carried(words, &memory.kept, kept, n_trained)),
                Form::Masked => self.engine.write(buffer.id(), words),
            }
        }
    }
}
