//! A session's data as the host chose it: enough of a description to deal the same shards again after a restart.

use std::path::PathBuf;

use anyhow::{Context, bail};
use coordinator::data::Dataset;
use protocol::model::Model;
use protocol::partitions::Partition;
use protocol::shard::Shard;
use serde::{Deserialize, Serialize};

/// Samples of the generated digits that every shard holds.
const DIGITS_PER_PART: usize = 2_500;
/// Samples of the generated digits that the host measures on.
const DIGITS_TEST: usize = 2_000;

/// Checks that a model takes the data.
///
/// # Errors
/// When it takes other data: with the sizes of both.
pub fn fits(dataset: &Dataset, model: &Model) -> anyhow::Result<()> {
    for shard in [&dataset.train, &dataset.test] {
        if let Some(problem) = shard.problem(model.sample_len(), model.n_classes()) {
            bail!(
                "{} does not fit the recipe's model: {problem}; recordings go with --recipe spoken-digits, documents with \
                 --recipe topics, images with the other recipes",
                dataset.about
            );
        }
    }
    Ok(())
}

/// Where the data is and how it is dealt; stored in every checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// MNIST's files, documents or recordings; none for the generated digits.
    pub folder: Option<PathBuf>,
    /// How it is dealt.
    pub partition: Partition,
    /// To how many.
    pub parts: u32,
    /// Of drawing and dealing.
    pub seed: u64,
}

impl Description {
    /// Reads or draws the data.
    ///
    /// # Errors
    /// When files are missing or damaged, or there is too little for everyone.
    pub fn load(&self) -> anyhow::Result<Dataset> {
        let dataset = match &self.folder {
            Some(folder) => Dataset::read(folder)?,
            None => Dataset::digits(DIGITS_PER_PART * self.parts as usize, DIGITS_TEST, self.seed),
        };
        if self.parts as usize > dataset.train.len() {
            bail!("{} samples cannot be dealt to {} clients", dataset.train.len(), self.parts);
        }
        Ok(dataset)
    }

    /// The shards to hand out.
    ///
    /// # Errors
    /// When the data cannot be dealt like this.
    pub fn parts(&self, dataset: &Dataset) -> anyhow::Result<Vec<Shard>> {
        Ok(dataset.parts(&self.partition, self.parts as usize, self.seed)?)
    }

    /// As a checkpoint stores it.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a description is plain data")
    }

    /// From a checkpoint.
    ///
    /// # Errors
    /// When the checkpoint was not written by this command.
    pub fn from_json(text: &str) -> anyhow::Result<Self> {
        serde_json::from_str(text).context("the checkpoint does not say where its data is")
    }
}
