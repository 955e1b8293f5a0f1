//! Subset: the first images of MNIST's training set and the whole test set, as a folder of IDX files.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use coordinator::data::Dataset;
use protocol::data::shard::Shard;
use tempfile::TempDir;

/// Side length in pixels.
const SIDE: u32 = 28;
/// Number of all training images.
pub(crate) const WHOLE: usize = 60_000;

/// MNIST, and smaller subsets of it.
pub(crate) struct Mnist {
    whole: Dataset,
    folder: TempDir,
}

impl Mnist {
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        Ok(Self { whole: Dataset::read(folder)?, folder: tempfile::tempdir()? })
    }

    /// Folder with the first `samples` training images; MNIST is not sorted by label, so the first images are a fair
    /// sample.
    pub(crate) fn first(&self, samples: usize) -> Result<PathBuf> {
        let folder = self.folder.path().join(samples.to_string());
        if folder.is_dir() {
            return Ok(folder);
        }
        let train = &self.whole.train;
        ensure!(samples <= train.len(), "MNIST has {} training images, not {samples}", train.len());
        std::fs::create_dir(&folder)?;
        let first: Vec<u32> = (0..samples as u32).collect();
        write(&folder, "train", &train.select(&first))?;
        write(&folder, "t10k", &self.whole.test)?;
        Ok(folder)
    }

    /// Folder for files of a run, deleted at the end.
    pub(crate) fn scratch(&self) -> &Path {
        self.folder.path()
    }
}

/// Writes images and labels as IDX: a magic number with the number of sizes, then the sizes, then bytes.
fn write(folder: &Path, part: &str, shard: &Shard) -> Result<()> {
    let n = shard.len() as u32;
    let images = idx(&[0x803, n, SIDE, SIDE], &shard.features);
    let labels = idx(&[0x801, n], &shard.labels);
    for (name, bytes) in [("images-idx3", images), ("labels-idx1", labels)] {
        let path = folder.join(format!("{part}-{name}-ubyte"));
        std::fs::write(&path, bytes).with_context(|| format!("could not write {}", path.display()))?;
    }
    Ok(())
}

fn idx(head: &[u32], bytes: &[u8]) -> Vec<u8> {
    head.iter().flat_map(|it| it.to_be_bytes()).chain(bytes.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subset_has_the_first_training_images_and_all_test_images() {
        let (whole, folder) = (Dataset::digits(20, 10, 1), tempfile::tempdir().expect("a folder"));
        let mnist = Mnist { whole: whole.clone(), folder };
        let read = Dataset::read(&mnist.first(15).expect("written")).expect("IDX files");
        assert_eq!(read.train.features, whole.train.features[..15 * 784]);
        assert_eq!(read.train.labels, whole.train.labels[..15]);
        assert_eq!((&read.test.features, &read.test.labels), (&whole.test.features, &whole.test.labels));
        assert!(mnist.first(21).is_err(), "there are 20");
    }
}
