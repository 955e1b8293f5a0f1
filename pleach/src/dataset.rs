//! A session's data as the host chose it: enough of a description to deal the same shards again after a restart.

use std::path::PathBuf;

use anyhow::{Context, bail};
use coordinator::data::{Dataset, Dealing};
use coordinator::json;
use protocol::data::corruptions::Corrupt;
use protocol::data::partitions::Partition;
use protocol::data::shard::Shard;
use protocol::model::Model;
use serde::{Deserialize, Serialize};

/// Samples of the generated digits that every shard holds.
pub const DIGITS_PER_PART: usize = 2_500;
/// Samples of the generated digits that the host measures on.
const DIGITS_TEST: usize = 2_000;

/// Checks that a model takes the data.
///
/// # Errors
/// When it takes other data: with the sizes of both.
pub fn fits(dataset: &Dataset, model: &Model) -> anyhow::Result<()> {
    for shard in [&dataset.train, &dataset.test] {
        if let Some(problem) = shard.problem(model.sample_len(), model.n_classes()) {
            bail!("{} does not fit the recipe's model: {problem}; {}", dataset.about, advice(dataset, model));
        }
    }
    Ok(())
}

/// What to do about data that a model does not take.
fn advice(dataset: &Dataset, model: &Model) -> String {
    let n_classes = dataset.train.n_classes;
    let has_its_samples = dataset.train.sample_len as usize == model.sample_len();
    if has_its_samples && model.n_classes().is_some_and(|it| it < n_classes as usize) {
        return format!(
            "the data has {n_classes} classes: a recipe for it spells out `layers` under [model], of which the last has \
             units = {n_classes}"
        );
    }
    "recordings go with --recipe spoken-digits, documents with --recipe topics, images with the other recipes".into()
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
    /// What is wrong with whose shards; checkpoints written before there were corruptions have none.
    #[serde(default)]
    pub corrupt: Vec<Corrupt>,
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
        let (partition, corrupt) = (self.partition.clone(), self.corrupt.clone());
        Ok(dataset.parts(&Dealing { partition, parts: self.parts, corrupt, seed: self.seed })?)
    }

    /// As a checkpoint stores it.
    pub fn to_json(&self) -> String {
        json::text(self)
    }

    /// From a checkpoint.
    ///
    /// # Errors
    /// When the checkpoint was not written by this command.
    pub fn from_json(text: &str) -> anyhow::Result<Self> {
        serde_json::from_str(text).context("the checkpoint does not say where its data is")
    }
}

#[cfg(test)]
mod tests {
    use protocol::models;

    use super::*;

    #[test]
    fn data_of_more_classes_than_the_model_is_refused_with_the_key_to_set() {
        let mut letters = Dataset::digits(20, 10, 1);
        let model = models::named("lenet-300-100").expect("registered").check().expect("it fits");
        assert!(fits(&letters, &model).is_ok());
        for shard in [&mut letters.train, &mut letters.test] {
            shard.n_classes = 27;
            shard.labels[0] = 26;
        }
        let error = fits(&letters, &model).expect_err("27 classes").to_string();
        assert!(error.contains("label 26 in a model of 10 classes; the data has 27 classes"), "{error}");
        assert!(error.contains("units = 27"), "{error}");
    }

    #[test]
    fn descriptions_of_earlier_checkpoints_are_read() {
        // As 33a2f18 wrote it.
        let text = r#"{"folder":null,"partition":{"kind":"dirichlet","alpha":0.2},"parts":8,"seed":3}"#;
        let partition = "dirichlet:0.2".parse().expect("a partition");
        let expected = Description { folder: None, partition, parts: 8, corrupt: vec![], seed: 3 };
        assert_eq!(Description::from_json(text).expect("legal"), expected);
        let corrupt = vec!["noise:0.5@1,3-4".parse().expect("a corruption")];
        let newer = Description { corrupt, ..expected };
        assert_eq!(Description::from_json(&newer.to_json()).expect("legal"), newer);
    }
}
