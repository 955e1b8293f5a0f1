//! Memories on a workbench, of the optimizer and of evidence: what is read back, carried to whoever is alive next, and written
//! again.

use protocol::groups::Form;
use protocol::task::TaskStage;
use protocol::wire::Plan;
use serde::{Deserialize, Serialize};

use super::{Built, Workbench};
use crate::program::Fixed;
use crate::trainer::TrainError;
use crate::trainer::evidence;
use crate::trainer::memory::{Memory, carried};

/// What a client remembers between two plans.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Remembered {
    optimizer: Option<Recollection>,
    evidence: Option<Recollection>,
}

/// Buffers as they were, with what they are about.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Recollection {
    memory: Memory,
    buffers: Vec<(Fixed, Vec<u32>)>,
}

impl Recollection {
    fn serves(&self, plan: &Plan, span: u32) -> bool {
        self.memory.serves(plan, span)
    }
}

impl Workbench {
    /// What is remembered of the last plan; nothing where its stage forgets.
    pub(in crate::trainer) async fn remembered(&self) -> Result<Option<Remembered>, TrainError> {
        let optimizer = self.recollected(self.memory.as_ref(), &self.optimizers()).await?;
        let evidence = self.recollected(self.gathered.as_ref(), self.added_up()).await?;
        let is_any = optimizer.is_some() || evidence.is_some();
        Ok(is_any.then_some(Remembered { optimizer, evidence }))
    }

    /// What buffers hold now, if there is anything to remember of them.
    async fn recollected(
        &self,
        memory: Option<&Memory>,
        buffers: &[Fixed],
    ) -> Result<Option<Recollection>, TrainError> {
        let Some(memory) = memory.cloned() else { return Ok(None) };
        if buffers.is_empty() {
            return Ok(Some(Recollection { memory, buffers: vec![] }));
        }
        let ids: Vec<_> = buffers.iter().map(|it| it.id()).collect();
        let words = self.engine.read(&ids).await?;
        Ok(Some(Recollection { memory, buffers: buffers.iter().copied().zip(words).collect() }))
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

    /// A new plan: this step size, this seed for dropout, and an optimizer and evidence that go on from what is remembered, if
    /// that serves.
    pub(in crate::trainer) async fn start(&mut self, plan: &Plan, noise_seed: u32) -> Result<(), TrainError> {
        let (optimizers, added_up) = (self.optimizers(), self.added_up());
        let (memory, gathered) = (self.memory.take(), self.gathered.take());
        let (optimizer, evidence) = self.spared.take().map_or((None, None), |it| (it.optimizer, it.evidence));
        let since = plan.evidence.map(|it| it.since);
        self.go_on(plan, Some(plan.level), &optimizers, memory, optimizer).await?;
        self.go_on(plan, since, added_up, gathered, evidence).await?;
        if !added_up.contains(&Fixed::Evidence) {
            self.engine.clear(Fixed::Evidence.id());
        }
        self.engine.write(Fixed::Knobs.id(), &[plan.learning_rate.to_bits()]);
        self.engine.write(Fixed::Cursor.id(), &[0, 0, 0, noise_seed]);
        Ok(())
    }

    /// Lets buffers go on from what they hold or held, or begin anew.
    async fn go_on(
        &mut self,
        plan: &Plan,
        span: Option<u32>,
        buffers: &[Fixed],
        memory: Option<Memory>,
        spared: Option<Recollection>,
    ) -> Result<(), TrainError> {
        let memory = memory.filter(|it| span.is_some_and(|span| it.serves(plan, span)));
        let spared = spared.filter(|it| span.is_some_and(|span| it.serves(plan, span)));
        if memory.as_ref().is_some_and(|it| !self.is_moved(it)) {
            return Ok(());
        }
        match self.recollected(memory.as_ref(), buffers).await?.or(spared) {
            Some(recollection) => self.remember(&recollection),
            None => buffers.iter().for_each(|it| self.engine.clear(it.id())),
        }
        Ok(())
    }

    /// Whether what is remembered belongs elsewhere: a masked program has all weights, whoever is alive.
    fn is_moved(&self, memory: &Memory) -> bool {
        self.built.as_ref().is_some_and(|it| it.groups.form == Form::Narrow && it.kept != memory.kept)
    }

    /// The plan is done: its buffers are what it leaves behind. Work that was broken off leaves nothing.
    pub(in crate::trainer) fn finish(&mut self, stage: &TaskStage, plan: &Plan) {
        let kept = self.built.as_ref().map(|it| it.kept.clone());
        self.memory = kept.clone().and_then(|kept| Memory::of_optimizer(stage, plan, kept));
        self.gathered = kept.zip(evidence::goes_on(stage, plan)).map(|(kept, since)| Memory::new(plan, since, kept));
    }

    /// Writes what was remembered.
    fn remember(&mut self, Recollection { memory, buffers }: &Recollection) {
        let Some(Built { shape, groups, kept, .. }) = &self.built else { return };
        let n_trained = shape.n_trained(&self.model);
        for (buffer, words) in buffers {
            match groups.form {
                Form::Narrow if *buffer != Fixed::Knobs => {
                    self.engine.write(buffer.id(), &carried(words, &memory.kept, kept, n_trained));
                }
                Form::Narrow | Form::Masked => self.engine.write(buffer.id(), words),
            }
        }
    }
}
