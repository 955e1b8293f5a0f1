//! MNIST as a test finds it: gzipped IDX files in a folder beside the repository.

use std::io::Read;
use std::path::Path;

use protocol::data::shard::Shard;

/// Training and test set; `None`, said aloud, where their folder is not.
pub(crate) fn load() -> Option<(Shard, Shard)> {
    let folder = test_data::found("mnist")?;
    Some((read(&folder, "train"), read(&folder, "t10k")))
}

fn read(folder: &Path, part: &str) -> Shard {
    let unpacked = |name: String| {
        let mut bytes = Vec::new();
        let file = std::fs::File::open(folder.join(&name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).expect("gzip");
        bytes
    };
    let images = unpacked(format!("{part}-images-idx3-ubyte.gz"));
    let labels = unpacked(format!("{part}-labels-idx1-ubyte.gz"));
    Shard::new(784, 10, images[16..].to_vec(), labels[8..].to_vec())
}
