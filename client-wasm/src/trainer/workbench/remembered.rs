//! Memories on a workbench, of the optimizer and of evidence: what is read back, carried to whoever is alive next, and written
//! again.

use engine::program::Fixed;
use protocol::groups::Form;
use protocol::random;
use protocol::task::TaskStage;
use protocol::wire::Plan;
use serde::{Deserialize, Serialize};

use super::{Built, Workbench};
use crate::trainer::TrainError;
use crate::trainer::evidence;
use crate::trainer::memory::{Memory, Run, carried};

/// What a client remembers between two plans: buffers as they were, with what they are about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Remembered {
    optimizer: Option<Memory>,
    evidence: Option<Memory>,
    buffers: Vec<(Fixed, Vec<u32>)>,
}

impl Workbench {
    /// What is remembered of the last plan; nothing where its stage forgets.
    pub(in crate::trainer) async fn remembered(&self) -> Result<Option<Remembered>, TrainError> {
        let (optimizer, evidence) = (self.memory.clone(), self.gathered.clone());
        if optimizer.is_none() && evidence.is_none() {
            return Ok(None);
        }
        let mut buffers = if optimizer.is_some() { self.optimizers() } else { vec![] };
        buffers.extend(self.added_up().iter().filter(|_| evidence.is_some()));
        let ids: Vec<_> = buffers.iter().map(|it| it.id()).collect();
        let words = if ids.is_empty() { vec![] } else { self.engine.read(&ids).await? };
        Ok(Some(Remembered { optimizer, evidence, buffers: buffers.into_iter().zip(words).collect() }))
    }

    /// The buffers of the optimizer; among them the knobs, which say how much of Adam's means is warm by now.
    fn optimizers(&self) -> Vec<Fixed> {
        let buffers = self.built.as_ref().map_or(&[][..], |it| it.shape.remembered());
        if buffers.is_empty() { vec![] } else { [&[Fixed::Knobs], buffers].concat() }
    }

    /// The buffer in which evidence adds up over rounds.
    fn added_up(&self) -> &'static [Fixed] {
        self.built.as_ref().map_or(&[], |it| it.shape.added_up())
    }

    /// Goes on from what was remembered, at the next plan.
    pub(in crate::trainer) fn recall(&mut self, remembered: Option<Remembered>) {
        (self.memory, self.gathered, self.spared) = (None, None, remembered);
    }

    /// Keeps what is remembered while another program is loaded, whose buffers may be of other sizes.
    pub(super) async fn spare(&mut self) -> Result<(), TrainError> {
        if let Some(remembered) = self.remembered().await? {
            self.recall(Some(remembered));
        }
        Ok(())
    }

    /// A new plan: this step size, and an optimizer, evidence and noise that go on from what is remembered, if that serves.
    /// Gives where training stands.
    pub(in crate::trainer) async fn start(&mut self, plan: &Plan, client_seed: u64) -> Result<Run, TrainError> {
        if self.memory.iter().chain(&self.gathered).any(|it| self.is_moved(it)) {
            self.spare().await?;
        }
        let (optimizers, added_up) = (self.optimizers(), self.added_up());
        let (memory, gathered) = (self.memory.take(), self.gathered.take());
        let spared = self.spared.take();
        let (optimizer, evidence, held) = match &spared {
            Some(it) => (it.optimizer.as_ref(), it.evidence.as_ref(), &it.buffers[..]),
            None => (None, None, &[][..]),
        };
        let since = plan.evidence.map(|it| it.since);
        let serving = memory.iter().chain(optimizer).find(|it| it.serves(plan, plan.level));
        let run = serving.map_or(Run { seed: plan.seed, steps: 0 }, |it| it.run);
        self.go_on(&optimizers, memory, (optimizer, held), |it| it.serves(plan, plan.level));
        self.go_on(added_up, gathered, (evidence, held), |it| since.is_some_and(|since| it.serves(plan, since)));
        if !added_up.contains(&Fixed::Evidence) {
            self.engine.clear(Fixed::Evidence.id());
        }
        self.engine.write(Fixed::Knobs.id(), &[plan.learning_rate.to_bits()]);
        let noise_seed = random::derive(run.seed, "noise", client_seed) as u32;
        self.engine.write(Fixed::Cursor.id(), &[0, 0, run.steps as u32, noise_seed]);
        Ok(run)
    }

    /// Lets buffers go on from what they hold or held, or begin anew.
    fn go_on(
        &mut self,
        buffers: &[Fixed],
        memory: Option<Memory>,
        (spared, held): (Option<&Memory>, &[(Fixed, Vec<u32>)]),
        serves: impl Fn(&Memory) -> bool,
    ) {
        if memory.is_some_and(|it| serves(&it)) {
            return;
        }
        let spared = spared.filter(|it| serves(it));
        for buffer in buffers {
            match (spared, held.iter().find(|it| it.0 == *buffer)) {
                (Some(memory), Some((_, words))) => self.remember(memory, *buffer, words),
                (Some(_) | None, _) => self.engine.clear(buffer.id()),
            }
        }
    }

    /// Whether what is remembered belongs elsewhere: a masked program has all weights, whoever is alive.
    fn is_moved(&self, memory: &Memory) -> bool {
        self.built.as_ref().is_some_and(|it| it.groups.form == Form::Narrow && it.kept != memory.kept)
    }

    /// The plan is done: its buffers are what it leaves behind, and training stands here. Work that was broken off leaves
    /// nothing.
    pub(in crate::trainer) fn finish(&mut self, stage: &TaskStage, plan: &Plan, run: Run) {
        let kept = self.built.as_ref().map(|it| it.kept.clone());
        self.memory = kept.clone().and_then(|kept| Memory::of_optimizer(stage, plan, kept, run));
        let gathered = kept.zip(evidence::goes_on(stage, plan));
        self.gathered = gathered.map(|(kept, since)| Memory::new(plan, since, kept, run));
    }

    /// Writes what was remembered of a buffer.
    fn remember(&mut self, memory: &Memory, buffer: Fixed, words: &[u32]) {
        let Some(Built { shape, groups, kept, .. }) = &self.built else { return };
        if groups.form == Form::Narrow && buffer != Fixed::Knobs {
            let n_trained = shape.n_trained(&self.model);
            self.engine.write(buffer.id(), &carried(words, &memory.kept, kept, n_trained));
        } else {
            self.engine.write(buffer.id(), words);
        }
    }
}
