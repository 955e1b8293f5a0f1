//! MNIST as a test finds it: gzipped IDX files in a folder beside the repository.

use std::io::Read;
use std::path::{Path, PathBuf};

use protocol::shard::Shard;

use super::left_out::left_out;

/// Training and test set; `None`, said aloud, where the files are not.
pub(crate) fn load() -> Option<(Shard, Shard)> {
    let found = read_both();
    if found.is_none() {
        left_out("no MNIST at ../shared/data/mnist or $PLEACH_DATA/mnist");
    }
    found
}

fn read_both() -> Option<(Shard, Shard)> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    let folder = std::env::var_os("PLEACH_DATA").map_or_else(beside, PathBuf::from).join("mnist");
    Some((read(&folder, "train")?, read(&folder, "t10k")?))
}

fn read(folder: &Path, part: &str) -> Option<Shard> {
    let unpacked = |name: String| {
        let mut bytes = Vec::new();
        let file = std::fs::File::open(folder.join(name)).ok()?;
        flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).expect("gzip");
        Some(bytes)
    };
    let images = unpacked(format!("{part}-images-idx3-ubyte.gz"))?;
    let labels = unpacked(format!("{part}-labels-idx1-ubyte.gz"))?;
    Some(Shard::new(784, 10, images[16..].to_vec(), labels[8..].to_vec()))
}
