//! Data that the host owns: read from files or generated, and dealt out to clients.

mod digits;
mod idx;
pub mod corpus;
mod speech;

use std::path::Path;

use protocol::partitions::{Partition, Samples};
use protocol::shard::Shard;

use crate::error::Error;
use corpus::Corpus;

/// Samples to train on and to test with.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Where it comes from, as people should read it.
    pub about: String,
    /// Dealt out to clients.
    pub train: Shard,
    /// Who made each training sample, such as its speaker, by number; `None` when unknown.
    pub origins: Option<Vec<u32>>,
    /// Stays with the host.
    pub test: Shard,
}

impl Dataset {
    /// Reads whichever data set is there: documents, images as MNIST has them, or recordings of spoken digits.
    ///
    /// # Errors
    /// [`Error::Data`] names the file and what is wrong with it, or says what was looked for.
    pub fn read(path: &Path) -> Result<Self, Error> {
        if path.join(corpus::FILE).is_file() {
            return Self::corpus(path);
        }
        if idx::is_at(path) {
            return Self::mnist(path);
        }
        if speech::is_at(path) {
            return Self::spoken_digits(path);
        }
        let problem = "neither images (MNIST's four IDX files, such as `train-images-idx3-ubyte`), nor documents (OCTIS's \
                       `corpus.tsv`), nor recordings (`7_nicolas_12.wav`, also in a folder `recordings` or a `.tar.gz`)";
        Err(Error::Data { path: path.into(), problem: problem.into() })
    }

    /// Reads a folder with documents as OCTIS writes them. Those to choose by stay aside.
    ///
    /// # Errors
    /// [`Error::Data`] names the file, the line and what is wrong with it.
    pub fn corpus(folder: &Path) -> Result<Self, Error> {
        let corpus = Corpus::read(folder)?;
        let beyond = match corpus.n_beyond() {
            0 => String::new(),
            n => format!(", counts above 255 taken as 255: {n}"),
        };
        let about = format!("documents in {} over {} words{beyond}", name(folder), corpus.vocabulary.len());
        Ok(Self { about, train: corpus.shard(&corpus.train), origins: None, test: corpus.shard(&corpus.test) })
    }

    /// Reads recordings of spoken digits, in a folder or an archive, as log-mel spectrograms of a second.
    ///
    /// # Errors
    /// [`Error::Data`] names the file and what is wrong with it.
    pub fn spoken_digits(path: &Path) -> Result<Self, Error> {
        let speech::Recorded { train, speakers, test } = speech::read(path)?;
        // Every clip is standardised by itself already.
        Ok(Self { about: format!("spoken digits in {}", name(path)), train, origins: Some(speakers), test })
    }

    /// Reads a folder with MNIST's four IDX files, gzipped or not.
    ///
    /// # Errors
    /// [`Error::Data`] names the file and what is wrong with it.
    pub fn mnist(folder: &Path) -> Result<Self, Error> {
        let about = format!("MNIST files in {}", name(folder));
        let (train, test) = (idx::read(folder, "train")?, idx::read(folder, "t10k")?);
        if train.sample_len != test.sample_len {
            let problem =
                format!("training images have {} pixels and test images {}", train.sample_len, test.sample_len);
            return Err(Error::Data { path: folder.into(), problem });
        }
        let n_classes = train.n_classes.max(test.n_classes);
        Ok(Self::standardised(about, Shard { n_classes, ..train }, Shard { n_classes, ..test }))
    }

    /// Draws digits of 28 × 28 pixels with strokes: the same ones for the same seed.
    pub fn digits(n_train: usize, n_test: usize, seed: u64) -> Self {
        let all = digits::draw(n_train + n_test, seed);
        let range = |from: usize, to: usize| all.select(&(from as u32..to as u32).collect::<Vec<_>>());
        Self::standardised("generated digits".into(), range(0, n_train), range(n_train, n_train + n_test))
    }

    /// Test data is scaled as the training data is.
    fn standardised(about: String, train: Shard, test: Shard) -> Self {
        let (scale, shift) = train.standardisation();
        Self { about, train: Shard { scale, shift, ..train }, origins: None, test: Shard { scale, shift, ..test } }
    }

    /// The training samples, dealt into `n` parts.
    ///
    /// # Errors
    /// [`Error::Setup`] when they cannot be dealt like this.
    pub fn parts(&self, partition: &Partition, n: usize, seed: u64) -> Result<Vec<Shard>, Error> {
        let samples = Samples { labels: &self.train.labels, origins: self.origins.as_deref() };
        let dealt = partition.deal(&samples, n, seed).map_err(|it| Error::Setup(it.to_string()))?;
        Ok(dealt.iter().map(|it| self.train.select(it)).collect())
    }
}

/// The last part of a path.
fn name(path: &Path) -> String {
    path.file_name().map_or(path.display().to_string(), |it| it.to_string_lossy().into())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// A folder of data that lies beside the repository; `None`, said aloud, where it does not.
    fn found(name: &str) -> Option<PathBuf> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
        let folder = std::env::var_os("PLEACH_DATA").map_or(root, Into::into).join(name);
        if !folder.is_dir() {
            eprintln!("left out: no {}; set PLEACH_DATA to the folder that holds `{name}`", folder.display());
            return None;
        }
        Some(folder)
    }

    #[test]
    fn corpora_have_their_published_sizes() {
        for (name, train, test, words, labels, beyond) in [
            ("20newsgroup", 12_128, 2_600, 1_612, 20, ", counts above 255 taken as 255: 1"),
            ("dblp", 38_215, 8_190, 1_513, 4, ""),
        ] {
            let Some(folder) = found(name) else { continue };
            let data = Dataset::read(&folder).expect("readable");
            assert_eq!((data.train.len(), data.test.len()), (train, test), "{name}");
            assert_eq!((data.train.sample_len, data.train.n_classes), (words, labels), "{name}");
            assert_eq!((data.train.scale, data.train.shift), (1.0, 0.0), "counts stay counts");
            assert_eq!(data.about, format!("documents in {name} over {words} words{beyond}"));
            assert_eq!(data.test.problem(words as usize, None), None);
        }
    }

    #[test]
    fn spoken_digits_have_their_published_sizes() {
        let Some(folder) = found("fsdd") else { return };
        let spoken = Dataset::read(&folder).expect("readable");
        assert_eq!(
            (spoken.train.len(), spoken.test.len(), spoken.about.as_str()),
            (2700, 300, "spoken digits in fsdd")
        );
        assert_eq!((spoken.train.problem(3920, Some(10)), spoken.test.problem(3920, Some(10))), (None, None));
        assert!((0..10).all(|digit| spoken.test.labels.iter().filter(|it| **it == digit).count() == 30));
        let natural = "natural".parse().expect("a partition");
        let speakers = spoken.parts(&natural, 6, 1).expect("six people spoke");
        assert!(speakers.iter().all(|it| it.len() == 450), "45 recordings of ten digits each");
        assert!(spoken.parts(&natural, 7, 1).expect_err("six").to_string().contains("6 people made these"));
        // Few values are beyond what a byte stands for.
        let cut = spoken.train.features.iter().filter(|it| **it == 0 || **it == 255).count();
        assert!(cut * 1000 < spoken.train.features.len(), "{cut} of {}", spoken.train.features.len());
    }

    #[test]
    fn a_folder_without_data_is_refused_with_what_was_looked_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = Dataset::read(folder.path()).expect_err("empty").to_string();
        assert!(error.contains("train-images-idx3-ubyte") && error.contains("7_nicolas_12.wav"), "{error}");
    }

    #[test]
    fn mnist_has_its_published_sizes() {
        let Some(folder) = found("mnist") else { return };
        let mnist = Dataset::read(&folder).expect("readable");
        assert_eq!(
            (mnist.train.len(), mnist.test.len(), mnist.about.as_str()),
            (60_000, 10_000, "MNIST files in mnist")
        );
        assert_eq!((mnist.train.problem(784, Some(10)), mnist.test.problem(784, Some(10))), (None, None));
        let parts = mnist.parts(&"iid".parse().expect("a partition"), 7, 1).expect("enough samples");
        assert_eq!(parts.iter().map(Shard::len).sum::<usize>(), 60_000);
    }
}
