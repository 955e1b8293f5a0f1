//! IDX: the file format of MNIST, big-endian, gzipped or not, under the names of MNIST and of EMNIST.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use protocol::data::shard::Shard;

use super::{Dataset, Format};
use crate::error::Error;
use crate::found::Found;

/// Images in four IDX files as MNIST has them, gzipped or not, in a folder or up to two below it.
pub(super) const FORMAT: Format = Format {
    looks_for: "images (MNIST's four IDX files, such as `train-images-idx3-ubyte`, also up to two folders down)",
    read: |path| Files::at(path)?.as_ref().map(dataset).transpose(),
};

/// Most bytes that a file may unpack to: forty times MNIST.
const SIZE_LIMIT: u64 = 2 << 30;
/// How far below a folder files are looked for: torchvision keeps them in `FashionMNIST/raw`.
const DEPTH: usize = 2;

/// The four files of a data set, or what is there of them.
#[derive(Debug)]
struct Files {
    /// Where they are.
    folder: PathBuf,
    /// What their names begin with: nothing, or such as `emnist-letters-`.
    prefix: String,
    /// Where they were looked for.
    given: PathBuf,
}

/// Images of one part with their labels.
#[derive(Debug, PartialEq)]
struct Images {
    /// Classes are one more than the highest label.
    shard: Shard,
    /// Height and width in pixels.
    sides: [usize; 2],
}

fn dataset(files: &Files) -> Result<Dataset, Error> {
    let (train, test) = (files.train()?, files.test()?);
    if train.sides != test.sides {
        let [train, test] = [train.sides, test.sides].map(|it| it.map(|it| it.to_string()).join(" x "));
        let problem = format!("training images are of {train} pixels and test images of {test}");
        return Err(Error::Data { path: files.folder.clone(), problem });
    }
    let n_classes = train.shard.n_classes.max(test.shard.n_classes);
    let shape = [1].into_iter().chain(train.sides).collect();
    let [train, test] = [train.shard, test.shard].map(|it| Shard { n_classes, ..it });
    let (n_train, n_test) = (train.len() as u64, test.len() as u64);
    let about = Found::Images { place: files.name(), n_train, n_test, n_classes: n_classes.into() };
    Ok(Dataset::standardised(about, shape, train, test))
}

impl Files {
    /// The data set in a folder, or in the nearest ones below it; `None` where there is none.
    fn at(given: &Path) -> Result<Option<Self>, Error> {
        let mut folders = vec![given.to_owned()];
        for _ in 0..=DEPTH {
            let of_folder = |folder: &PathBuf| {
                let files = |prefix| Self { folder: folder.clone(), prefix, given: given.to_owned() };
                prefixes(folder).into_iter().map(files).collect::<Vec<_>>()
            };
            let mut sets: Vec<Self> = folders.iter().flat_map(of_folder).collect();
            if sets.len() > 1 {
                let names: Vec<String> = sets.iter().map(Self::name).collect();
                let problem = format!("several data sets: {}; give a folder with one of them", names.join(", "));
                return Err(Error::Data { path: given.into(), problem });
            }
            if let Some(files) = sets.pop() {
                return Ok(Some(files));
            }
            folders = folders.iter().flat_map(|it| entries(it)).filter(|it| it.is_dir()).collect();
        }
        Ok(None)
    }

    /// What to train on.
    fn train(&self) -> Result<Images, Error> {
        self.read(&["train"])
    }

    /// What to test with.
    fn test(&self) -> Result<Images, Error> {
        self.read(&["t10k", "test"])
    }

    /// The folder from the one that was given on, and the files' own name if they have one.
    fn name(&self) -> String {
        // torchvision's `raw` says nothing alone.
        let n_outer = if self.given.ends_with("raw") { 2 } else { 1 };
        let outer = self.given.ancestors().nth(n_outer).unwrap_or(Path::new(""));
        let folder = self.folder.strip_prefix(outer).unwrap_or(&self.folder).display();
        match self.prefix.trim_end_matches('-') {
            "" => folder.to_string(),
            prefix => format!("{folder} ({prefix})"),
        }
    }

    fn read(&self, stems: &[&str]) -> Result<Images, Error> {
        let (images_path, labels_path) = (self.find(stems, "images", 3)?, self.find(stems, "labels", 1)?);
        let (sizes, features) = parsed::<3>(&images_path)?;
        let ([n_labels], labels) = parsed::<1>(&labels_path)?;
        let [n, height, width] = sizes;
        if n != n_labels {
            let problem = format!("{n_labels} labels for {n} images in {}", images_path.display());
            return Err(Error::Data { path: labels_path, problem });
        }
        let n_classes = labels.iter().max().map_or(0, |it| u32::from(*it) + 1);
        let shard = Shard::new(height * width, n_classes, features, labels);
        Ok(Images { shard, sides: [height as usize, width as usize] })
    }

    /// The file under one of its usual names.
    fn find(&self, stems: &[&str], what: &str, n_sizes: u8) -> Result<PathBuf, Error> {
        let name = |stem: &str, it: &str| format!("{}{stem}-{what}{it}idx{n_sizes}-ubyte", self.prefix);
        let names: Vec<String> = stems.iter().flat_map(|stem| ["-", "."].map(|it| name(stem, it))).collect();
        let all = names.iter().flat_map(|it| [it.clone(), format!("{it}.gz")]);
        all.map(|it| self.folder.join(it)).find(|it| it.is_file()).ok_or_else(|| Error::Data {
            path: self.folder.clone(),
            problem: format!("no file `{}`, with or without `.gz`", names.join("` or `")),
        })
    }
}

/// What the names of data sets' files in a folder begin with.
fn prefixes(folder: &Path) -> BTreeSet<String> {
    let names = entries(folder).into_iter().filter(|it| it.is_file());
    names.filter_map(|it| prefix(&it.file_name()?.to_string_lossy()).map(str::to_owned)).collect()
}

/// What comes before `train-images-idx3-ubyte`, if a name is of that kind.
fn prefix(name: &str) -> Option<&str> {
    const ENDS: [&str; 4] = ["-images-idx3-ubyte", "-images.idx3-ubyte", "-labels-idx1-ubyte", "-labels.idx1-ubyte"];
    let name = name.strip_suffix(".gz").unwrap_or(name);
    let name = ENDS.iter().find_map(|it| name.strip_suffix(it))?;
    let prefix = ["train", "t10k", "test"].iter().find_map(|it| name.strip_suffix(it))?;
    (prefix.is_empty() || prefix.ends_with('-')).then_some(prefix)
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = folder.read_dir().into_iter().flatten().flatten().map(|it| it.path()).collect();
    paths.sort();
    paths
}

/// Sizes and bytes of a file of unsigned bytes in `N` dimensions.
fn parsed<const N: usize>(path: &Path) -> Result<([u32; N], Vec<u8>), Error> {
    let wrong = |problem: String| Error::Data { path: path.into(), problem };
    let bytes = unpacked(path)?;
    let magic = 0x0800 + N as u32;
    let found = word(&bytes, 0).ok_or_else(|| wrong("truncated: not even a magic number".into()))?;
    if found != magic {
        if bytes.trim_ascii_start().starts_with(b"<") {
            return Err(wrong("a web page, not a data file: the download went wrong".into()));
        }
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
    MultiGzDecoder::new(packed.as_slice()).take(SIZE_LIMIT).read_to_end(&mut bytes).map_err(damaged)?;
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

    fn found(folder: &Path) -> Files {
        Files::at(folder).expect("at most one").expect("one")
    }

    #[test]
    fn files_are_read_plain_and_packed() {
        let [images, labels] = files();
        let plain = written(&[images.clone(), labels.clone()]);
        let packed = written(&[("train-images.idx3-ubyte.gz", gzipped(&images.1)), (labels.0, gzipped(&labels.1))]);
        let members = [gzipped(&images.1[..5]), gzipped(&images.1[5..])].concat();
        let twice = written(&[("train-images.idx3-ubyte.gz", members), (labels.0, labels.1)]);
        let shard = Shard::new(2, 8, vec![1, 2, 3, 4], vec![7, 0]);
        for folder in [plain, packed, twice] {
            let expected = Images { shard: shard.clone(), sides: [1, 2] };
            assert_eq!(found(folder.path()).train().expect("read"), expected);
        }
    }

    #[test]
    fn files_are_found_under_the_names_that_others_give_them() {
        let [images, labels] = files();
        for (place, prefix, test, name) in [
            ("digits", "", "t10k", "digits"),
            ("torch/FashionMNIST/raw", "", "t10k", "torch/FashionMNIST/raw"),
            ("gzip", "emnist-letters-", "test", "gzip (emnist-letters)"),
        ] {
            let root = tempfile::tempdir().expect("a folder");
            let folder = root.path().join(place);
            std::fs::create_dir_all(&folder).expect("made");
            for stem in ["train", test] {
                for (file, bytes) in [(images.0, &images.1), (labels.0, &labels.1)] {
                    let file = format!("{prefix}{}", file.replace("train", stem));
                    std::fs::write(folder.join(file), bytes).expect("written");
                }
            }
            let given = root.path().join(place.split('/').next().expect("one at least"));
            let files = found(&given);
            assert_eq!((files.name().as_str(), &files.folder), (name, &folder));
            assert_eq!(files.train().expect("read"), files.test().expect("read"));
            if place.ends_with("raw") {
                assert_eq!(found(&folder).name(), "FashionMNIST/raw");
            }
        }
    }

    #[test]
    fn several_data_sets_are_named() {
        let [images, labels] = files();
        let (letters, digits) = ("emnist-letters-train-images-idx3-ubyte", "emnist-digits-train-labels-idx1-ubyte");
        let folder = written(&[(letters, images.1), (digits, labels.1)]);
        let error = Files::at(folder.path()).expect_err("two").to_string();
        assert!(error.contains("several data sets: "), "{error}");
        assert!(error.contains("(emnist-digits), ") && error.contains("(emnist-letters); give a folder"), "{error}");
    }

    #[test]
    fn other_files_are_no_data_set() {
        for name in ["._train-images-idx3-ubyte", "train-images.png", "notrain-images-idx3-ubyte", "images-idx3-ubyte"]
        {
            assert!(Files::at(written(&[(name, vec![])]).path()).expect("none").is_none(), "{name}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_the_file() {
        let [images, labels] = files();
        let mut magic = images.1.clone();
        magic[3] = 1;
        let packed = gzipped(&images.1);
        let cases: [(Vec<u8>, Vec<u8>, &str, &str); 7] = [
            (b"\n<!DOCTYPE html><html>".to_vec(), labels.1.clone(), "train-images", "a web page, not a data file"),
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
            let error = found(folder.path()).train().expect_err(problem).to_string();
            assert!(error.contains(file) && error.contains(problem), "{error}");
        }
        let folder = written(&files());
        let error = found(folder.path()).test().expect_err("no such files").to_string();
        assert!(error.contains("no file `t10k-images-idx3-ubyte` or"), "{error}");
    }
}
