//! Data that the host owns: read from files or generated, and dealt out to clients.

mod digits;
mod idx;
pub mod corpus;
mod speech;

use std::path::Path;

use protocol::data::corruptions::Corrupt;
use protocol::data::partitions::iid::Iid;
use protocol::data::partitions::{Partition, Samples};
use protocol::data::shard::Shard;
use protocol::random;

use crate::error::Error;
use crate::found::Found;

/// A file format of data sets.
struct Format {
    /// What it looks for, to go on after "neither" or "nor".
    looks_for: &'static str,
    /// What is there in this format; `None` where nothing is.
    read: fn(&Path) -> Result<Option<Dataset>, Error>,
}

/// All formats, in the order in which they are looked for.
const FORMATS: &[Format] = &[corpus::FORMAT, idx::FORMAT, speech::FORMAT];

/// Samples to train on and to test with.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// What was found.
    pub about: Found,
    /// Sizes of one sample; of images channels, height and width.
    pub shape: Vec<usize>,
    /// Dealt out to clients.
    pub train: Shard,
    /// Who made each training sample, such as its speaker, by number; `None` when unknown.
    pub origins: Option<Vec<u32>>,
    /// Stays with the host.
    pub test: Shard,
}

/// How a data set is dealt out.
#[derive(Clone, Debug, PartialEq)]
pub struct Dealing {
    /// Who gets which samples.
    pub partition: Partition,
    /// Shards to deal, at least 1.
    pub parts: u32,
    /// What is wrong with whose shards, one after another.
    pub corrupt: Vec<Corrupt>,
    /// Everything random of it.
    pub seed: u64,
}

impl Dealing {
    /// Shards that all look like the whole.
    pub fn iid(parts: u32, seed: u64) -> Self {
        Self { partition: Partition::Iid(Iid {}), parts, corrupt: vec![], seed }
    }
}

impl Dataset {
    /// Reads whichever data set is there.
    ///
    /// # Errors
    /// [`Error::Data`] names the file and what is wrong with it, or says what was looked for.
    pub fn read(path: &Path) -> Result<Self, Error> {
        for format in FORMATS {
            if let Some(dataset) = (format.read)(path)? {
                return Ok(dataset);
            }
        }
        let looked_for = FORMATS.iter().map(|it| it.looks_for).collect::<Vec<_>>().join(", nor ");
        Err(Error::Data { path: path.into(), problem: format!("neither {looked_for}; {}", inventory(path)) })
    }

    /// Draws digits of 28 × 28 pixels with strokes: the same ones for the same seed.
    pub fn digits(n_train: usize, n_test: usize, seed: u64) -> Self {
        let all = digits::draw(n_train + n_test, seed);
        let range = |from: usize, to: usize| all.select(&(from as u32..to as u32).collect::<Vec<_>>());
        let shape = vec![1, digits::SIDE, digits::SIDE];
        let about = Found::Digits { n_train: n_train as u64, n_test: n_test as u64 };
        Self::standardised(about, shape, range(0, n_train), range(n_train, n_train + n_test))
    }

    /// Test data is scaled as the training data is.
    fn standardised(about: Found, shape: Vec<usize>, train: Shard, test: Shard) -> Self {
        let (scale, shift) = train.standardisation();
        let [train, test] = [train, test].map(|it| Shard { scale, shift, ..it });
        Self { about, shape, train, origins: None, test }
    }

    /// The training samples, dealt into parts, those of corrupt clients spoilt.
    ///
    /// # Errors
    /// [`Error::Setup`] when they cannot be dealt like this.
    pub fn parts(&self, dealing: &Dealing) -> Result<Vec<Shard>, Error> {
        let samples = Samples { labels: &self.train.labels, origins: self.origins.as_deref() };
        let dealt = dealing.partition.deal(&samples, dealing.parts as usize, dealing.seed);
        let dealt = dealt.map_err(|it| Error::Setup(it.to_string()))?;
        let mut shards: Vec<Shard> = dealt.iter().map(|it| self.train.select(it)).collect();
        for corrupt in &dealing.corrupt {
            corrupt.apply(&mut shards, &self.shape, dealing.seed).map_err(Error::Setup)?;
        }
        Ok(shards)
    }

    /// Tells data sets apart by their samples and labels, whatever they are called.
    pub fn digest(&self) -> u64 {
        random::word(self.train.digest(), 0, self.test.digest())
    }
}

/// The last part of a path.
fn name(path: &Path) -> String {
    path.file_name().map_or(path.display().to_string(), |it| it.to_string_lossy().into())
}

/// What a path holds, for people who expected something else there.
fn inventory(path: &Path) -> String {
    const SHOWN: usize = 5;
    let Ok(entries) = path.read_dir() else { return "it is no folder".into() };
    let mut names: Vec<String> = entries.flatten().map(|it| it.file_name().to_string_lossy().into()).collect();
    names.sort();
    let more = match names.len().saturating_sub(SHOWN) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    names.truncate(SHOWN);
    if names.is_empty() { "the folder is empty".into() } else { format!("it holds {}{more}", names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use test_data::found;

    use super::*;

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
            assert_eq!(data.about.to_string(), format!("documents in {name} over {words} words{beyond}"));
            assert_eq!(data.test.problem(words as usize, None), None);
        }
    }

    #[test]
    fn spoken_digits_have_their_published_sizes() {
        let Some(folder) = found("fsdd") else { return };
        let spoken = Dataset::read(&folder).expect("readable");
        assert_eq!(
            (spoken.train.len(), spoken.test.len(), spoken.about.to_string().as_str()),
            (2700, 300, "spoken digits in fsdd")
        );
        assert_eq!((spoken.train.problem(3920, Some(10)), spoken.test.problem(3920, Some(10))), (None, None));
        assert!((0..10).all(|digit| spoken.test.labels.iter().filter(|it| **it == digit).count() == 30));
        let natural = |parts| Dealing { partition: "natural".parse().expect("legal"), ..Dealing::iid(parts, 1) };
        let speakers = spoken.parts(&natural(6)).expect("six people spoke");
        assert!(speakers.iter().all(|it| it.len() == 450), "45 recordings of ten digits each");
        assert!(spoken.parts(&natural(7)).expect_err("six").to_string().contains("6 people made these"));
        // Few values are beyond what a byte stands for.
        let cut = spoken.train.features.iter().filter(|it| **it == 0 || **it == 255).count();
        assert!(cut * 1000 < spoken.train.features.len(), "{cut} of {}", spoken.train.features.len());
    }

    #[test]
    fn a_folder_without_data_is_refused_with_what_was_looked_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = Dataset::read(folder.path()).expect_err("empty").to_string();
        assert!(error.contains("train-images-idx3-ubyte") && error.contains("7_nicolas_12.wav"), "{error}");
        assert!(error.ends_with("the folder is empty"), "{error}");
        ["a.csv", "b", "c", "d", "e", "f", "g"]
            .iter()
            .for_each(|it| std::fs::write(folder.path().join(it), "").unwrap());
        let error = Dataset::read(folder.path()).expect_err("a table").to_string();
        assert!(error.ends_with("it holds a.csv, b, c, d, e and 2 more"), "{error}");
    }

    #[test]
    fn a_partition_that_needs_speakers_is_refused_without_them() {
        let natural = Dealing { partition: "natural".parse().expect("legal"), ..Dealing::iid(2, 1) };
        let error = Dataset::digits(20, 10, 1).parts(&natural).expect_err("nobody wrote them").to_string();
        assert!(error.contains("does not say who made a sample"), "{error}");
    }

    #[test]
    fn corrupt_clients_alone_get_spoilt_samples() {
        let digits = Dataset::digits(40, 10, 1);
        let clean = digits.parts(&Dealing::iid(4, 1)).expect("enough");
        let corrupt = |text: &str| vec![text.parse().expect("a corruption")];
        let dealing = Dealing { corrupt: corrupt("labels@1,3"), ..Dealing::iid(4, 1) };
        let spoilt = digits.parts(&dealing).expect("enough");
        let is_clean: Vec<bool> = clean.iter().zip(&spoilt).map(|(clean, spoilt)| clean == spoilt).collect();
        assert_eq!(is_clean, [true, false, true, false]);
        assert!(clean.iter().zip(&spoilt).all(|(clean, spoilt)| clean.features == spoilt.features));
        let beyond = Dealing { corrupt: corrupt("pixels@4"), ..Dealing::iid(4, 1) };
        let error = digits.parts(&beyond).expect_err("four clients").to_string();
        assert_eq!(error, "`pixels` names client 4 of 4: use 0 to 3");
    }

    #[test]
    fn other_data_has_another_digest() {
        let digits = Dataset::digits(20, 10, 1);
        assert_eq!(digits.digest(), Dataset { about: Found::default(), ..digits.clone() }.digest());
        let swapped = Dataset { train: digits.test.clone(), test: digits.train.clone(), ..digits.clone() };
        assert!(digits.digest() != Dataset::digits(20, 10, 2).digest() && digits.digest() != swapped.digest());
    }

    #[test]
    fn mnist_has_its_published_sizes() {
        let Some(folder) = found("mnist") else { return };
        let mnist = Dataset::read(&folder).expect("readable");
        let about = Found::Images { place: "mnist".into(), n_train: 60_000, n_test: 10_000, n_classes: 10 };
        assert_eq!((mnist.train.len(), mnist.test.len(), &mnist.about), (60_000, 10_000, &about));
        assert_eq!((mnist.train.problem(784, Some(10)), mnist.test.problem(784, Some(10))), (None, None));
        let parts = mnist.parts(&Dealing::iid(7, 1)).expect("enough samples");
        assert_eq!(parts.iter().map(Shard::len).sum::<usize>(), 60_000);
    }
}
