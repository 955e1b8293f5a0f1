//! Evidence on a workbench: looking at samples, ending a round, and reading what was gathered.

use super::{Totals, Workbench};
use crate::trainer::TrainError;
use engine::program::{Fixed, Section};

impl Workbench {
    /// Samples of a batch that is looked at.
    pub(in crate::trainer) fn look_size(&self) -> usize {
        self.built.as_ref().map_or(1, |it| it.shape.look_size())
    }

    /// Puts the cursor before samples that are looked at: nothing has been gathered of them.
    pub(in crate::trainer) fn begin_looking(&mut self, samples: &[u32], noise_seed: u32) {
        self.begin(samples);
        self.engine.write(Fixed::Cursor.id(), &[0, samples.len() as u32, 0, noise_seed]);
        self.engine.clear(Fixed::Evidence.id());
    }

    /// Looks at so many batches and gives the totals since the samples began.
    pub(in crate::trainer) async fn measure(&mut self, batches: u32) -> Result<Totals, TrainError> {
        self.engine.run(Section::Measure, batches);
        self.totals().await
    }

    /// Ends a round that counts by so many samples.
    pub(in crate::trainer) fn settle(&mut self, n_samples: u32) {
        self.engine.write(Fixed::Amount.id(), &[(n_samples as f32).to_bits()]);
        self.engine.run(Section::Settle, 1);
    }

    /// What was gathered of every weight that the program trains.
    pub(in crate::trainer) async fn gathered(&self) -> Result<Vec<f32>, TrainError> {
        self.floats(Fixed::Evidence).await
    }

    /// What the rounds that have ended came to.
    pub(in crate::trainer) async fn settled(&self) -> Result<Vec<f32>, TrainError> {
        self.floats(Fixed::Settled).await
    }

    /// What was gathered, summed by group.
    pub(in crate::trainer) async fn gathered_by_group(&mut self) -> Result<Vec<f32>, TrainError> {
        self.engine.run(Section::Reduce, 1);
        self.floats(Fixed::Scores).await
    }

    /// All weights that the program has.
    pub(in crate::trainer) async fn device_weights(&self) -> Result<Vec<f32>, TrainError> {
        self.floats(Fixed::Weights).await
    }

    async fn floats(&self, buffer: Fixed) -> Result<Vec<f32>, TrainError> {
        Ok(bytemuck::cast_vec(self.engine.read(&[buffer.id()]).await?.remove(0)))
    }
}
