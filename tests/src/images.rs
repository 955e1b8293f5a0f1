//! Images in files as MNIST has them, small enough that a whole session takes seconds.

use std::path::Path;

use coordinator::data::Dataset;
use protocol::data::shard::Shard;
use protocol::random;

/// Samples to train on, and to measure on.
const SAMPLES: [usize; 2] = [180, 60];

/// Classes of all of them.
const N_CLASSES: usize = 10;

/// Writes generated digits.
pub fn write_digits(folder: &Path) {
    let dataset = Dataset::digits(SAMPLES[0], SAMPLES[1], 1);
    write(folder, [28, 28], &dataset.train, &dataset.test);
}

/// Writes noise of this many rows and columns.
pub fn write_noise(folder: &Path, shape: [u32; 2]) {
    let [train, test] = [0, 1].map(|it| noise(shape, SAMPLES[it], it as u64));
    write(folder, shape, &train, &test);
}

fn noise([rows, columns]: [u32; 2], n: usize, seed: u64) -> Shard {
    let len = rows * columns;
    let features = (0..u64::from(len) * n as u64).map(|it| random::below(seed, 1, it, 256) as u8).collect();
    let labels = (0..n).map(|it| (it % N_CLASSES) as u8).collect();
    Shard::new(len, N_CLASSES as u32, features, labels)
}

fn write(folder: &Path, [rows, columns]: [u32; 2], train: &Shard, test: &Shard) {
    for (stem, shard) in [("train", train), ("t10k", test)] {
        let n = shard.len() as u32;
        // The third byte says that entries are bytes, the fourth how many sizes follow.
        let head = |sizes: &[u32]| -> Vec<u8> {
            let words = std::iter::once(0x0800 + sizes.len() as u32).chain(sizes.iter().copied());
            words.flat_map(u32::to_be_bytes).collect()
        };
        let files = [
            (format!("{stem}-images-idx3-ubyte"), [head(&[n, rows, columns]), shard.features.clone()].concat()),
            (format!("{stem}-labels-idx1-ubyte"), [head(&[n]), shard.labels.clone()].concat()),
        ];
        for (name, bytes) in files {
            std::fs::write(folder.join(name), bytes).expect("a folder of the test's own can be written");
        }
    }
}
