//! IDX: the file format of MNIST, big-endian, gzipped or not.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use protocol::shard::Shard;

use crate::error::Error;

/// Most bytes that a file may unpack to: forty times MNIST.
const SIZE_LIMIT: u64 = 2 << 30;

/// Whether any of the four files is there.
pub(super) fn is_at(folder: &Path) -> bool {
    let files = ["train", "t10k"].into_iter().flat_map(|stem| [(stem, "images", 3), (stem, "labels", 1)]);
    files.into_iter().any(|(stem, what, n_sizes)| find(folder, stem, what, n_sizes).is_ok())
}

/// `train` or `t10k` images and labels.
pub(super) fn read(folder: &Path, stem: &str) -> Result<Shard, Error> {
    let (images_path, labels_path) = (find(folder, stem, "images", 3)?, find(folder, stem, "labels", 1)?);
    let (sizes, features) = parsed::<3>(&images_path)?;
    let ([n_labels], labels) = parsed::<1>(&labels_path)?;
    let [n, height, width] = sizes;
    if n != n_labels {
        let problem = format!("{n_labels} labels for {n} images in {}", images_path.display());
        return Err(Error::Data { path: labels_path, problem });
    }
    let n_classes = labels.iter().max().map_or(0, |it| u32::from(*it) + 1);
    Ok(Shard::new(height * width, n_classes, features, labels))
}

/// The file under one of its usual names.
fn find(folder: &Path, stem: &str, what: &str, n_sizes: u8) -> Result<PathBuf, Error> {
    let names = ["-", "."].map(|it| format!("{stem}-{what}{it}idx{n_sizes}-ubyte"));
    let all = names.iter().flat_map(|it| [it.clone(), format!("{it}.gz")]);
    all.map(|it| folder.join(it)).find(|it| it.is_file()).ok_or_else(|| Error::Data {
        path: folder.into(),
        problem: format!("no file `{}` or `{}`, with or without `.gz`", names[0], names[1]),
    })
}

/// Sizes and bytes of a file of unsigned bytes in `N` dimensions.
fn parsed<const N: usize>(path: &Path) -> Result<([u32; N], Vec<u8>), Error> {
    let wrong = |problem: String| Error::Data { path: path.into(), problem };
    let bytes = unpacked(path)?;
    let magic = 0x0800 + N as u32;
    let found = word(&bytes, 0).ok_or_else(|| wrong("truncated: not even a magic number".into()))?;
    if found != magic {
        return Err(wrong(format!("wrong magic number {found:#010x}, expected {magic:#010x} (IDX, bytes, {N} sizes)")));
    }
    let mut sizes = [0; N];
    for (at, size) in sizes.iter_mut().enumerate() {
        *size = word(&bytes, at + 1).ok_or_else(|| wrong("truncated within its sizes".into()))?;
    }
    let expected = sizes.iter().try_fold(1_u64, |all, it| all.checked_mul((*it).into()));
    let got = bytes.len() as u64 - 4 * (N as u64 + 1);
    if expected != Some(got) {
        let shape = sizes.map(|it| it.to_string()).join(" x ");
        let how = if expected.is_none_or(|it| it > got) { "truncated" } else { "longer than it says" };
        return Err(wrong(format!("{how}: {got} bytes for {shape}")));
    }
    if got == 0 {
        return Err(wrong("it holds nothing".into()));
    }
    Ok((sizes, bytes[4 * (N + 1)..].to_vec()))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(4 * at..)?.first_chunk().map(|it| u32::from_be_bytes(*it))
}

fn unpacked(path: &Path) -> Result<Vec<u8>, Error> {
    let mut packed = Vec::new();
    let file = File::open(path).map_err(Error::io(path))?;
    file.take(SIZE_LIMIT).read_to_end(&mut packed).map_err(Error::io(path))?;
    if !packed.starts_with(&[0x1F, 0x8B]) {
        return Ok(packed);
    }
    let mut bytes = Vec::new();
    let damaged = |error| Error::Data { path: path.into(), problem: format!("damaged or truncated gzip: {error}") };
    GzDecoder::new(packed.as_slice()).take(SIZE_LIMIT).read_to_end(&mut bytes).map_err(damaged)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Two images of 1 × 2 pixels.
    fn files() -> [(&'static str, Vec<u8>); 2] {
        let images = [0x0803_u32, 2, 1, 2].iter().flat_map(|it| it.to_be_bytes()).chain([1, 2, 3, 4]).collect();
        let labels = [0x0801_u32, 2].iter().flat_map(|it| it.to_be_bytes()).chain([7, 0]).collect();
        [("train-images-idx3-ubyte", images), ("train-labels.idx1-ubyte", labels)]
    }

    fn written(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).expect("written");
        }
        folder
    }

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("packed")
    }

    #[test]
    fn files_are_read_plain_and_packed() {
        let [images, labels] = files();
        let plain = written(&[images.clone(), labels.clone()]);
        let packed = written(&[("train-images.idx3-ubyte.gz", gzipped(&images.1)), (labels.0, gzipped(&labels.1))]);
        let expected = Shard::new(2, 8, vec![1, 2, 3, 4], vec![7, 0]);
        for folder in [plain, packed] {
            assert_eq!(read(folder.path(), "train").expect("read"), expected);
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_the_file() {
        let [images, labels] = files();
        let mut magic = images.1.clone();
        magic[3] = 1;
        let packed = gzipped(&images.1);
        let cases: [(Vec<u8>, Vec<u8>, &str, &str); 6] = [
            (magic, labels.1.clone(), "train-images", "wrong magic number 0x00000801, expected 0x00000803"),
            (images.1[..19].to_vec(), labels.1.clone(), "train-images", "truncated: 3 bytes for 2 x 1 x 2"),
            (images.1[..9].to_vec(), labels.1.clone(), "train-images", "truncated within its sizes"),
            (packed[..packed.len() - 9].to_vec(), labels.1.clone(), "train-images", "damaged or truncated gzip"),
            ([images.1.as_slice(), &[0]].concat(), labels.1.clone(), "train-images", "longer than it says"),
            (
                images.1.clone(),
                [0x0801_u32, 1].iter().flat_map(|it| it.to_be_bytes()).chain([7]).collect(),
                "train-labels",
                "1 labels for 2 images",
            ),
        ];
        for (image_bytes, label_bytes, file, problem) in cases {
            let folder = written(&[(images.0, image_bytes), (labels.0, label_bytes)]);
            let error = read(folder.path(), "train").expect_err(problem).to_string();
            assert!(error.contains(file) && error.contains(problem), "{error}");
        }
        let error = read(written(&[]).path(), "t10k").expect_err("no files").to_string();
        assert!(error.contains("t10k-images-idx3-ubyte"), "{error}");
    }
}
