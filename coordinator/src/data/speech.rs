//! Speech: WAV recordings of spoken digits, in a folder or a packed archive, as log-mel pictures.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use features::log_mel::{self, BANDS, FRAMES, RATE};
use flate2::read::MultiGzDecoder;
use protocol::data::shard::Shard;

use super::{Dataset, Format, name};
use crate::error::Error;
use crate::found::Found;

/// Recordings of spoken digits, as log-mel spectrograms of a second.
pub(super) const FORMAT: Format = Format {
    looks_for: "recordings (`7_nicolas_12.wav`, also in a folder `recordings` or a `.tar.gz`)",
    read: dataset,
};

/// Most bytes that an archive may unpack to: a hundred times the usual data set.
const SIZE_LIMIT: u64 = 2 << 30;
/// Recordings below this number are for tests, as its authors have it (Jackson et al. 2016, Free Spoken Digit Dataset).
const FIRST_TRAINED: u32 = 5;
const DIGITS: u8 = 10;

fn dataset(path: &Path) -> Result<Option<Dataset>, Error> {
    if !is_at(path) {
        return Ok(None);
    }
    let Recorded { train, speakers, test } = read(path)?;
    let (n_train, n_test) = (train.len() as u64, test.len() as u64);
    let about = Found::Recordings { place: name(path), n_train, n_test };
    // Every clip is standardised by itself already.
    Ok(Some(Dataset { about, shape: vec![1, FRAMES, BANDS], train, origins: Some(speakers), test }))
}

/// Whether a path leads to recordings: an archive, or a folder that holds them or one.
fn is_at(path: &Path) -> bool {
    is_packed(path) || !waves(path).is_empty() || archive(path).is_some()
}

/// Recordings in two parts.
#[derive(Debug, PartialEq)]
struct Recorded {
    /// To train on.
    train: Shard,
    /// Who speaks in each of these: numbers in the order of names.
    speakers: Vec<u32>,
    /// To test with.
    test: Shard,
}

/// Reads an archive or a folder.
fn read(path: &Path) -> Result<Recorded, Error> {
    let recordings = match (is_packed(path), waves(path), archive(path)) {
        (true, _, _) => unpacked(path)?,
        (false, files, Some(archive)) if files.is_empty() => unpacked(&archive)?,
        (false, files, _) => loaded(&files)?,
    };
    let empty = || Shard {
        scale: log_mel::SCALE.0,
        shift: log_mel::SCALE.1,
        ..Shard::new((FRAMES * BANDS) as u32, DIGITS.into(), vec![], vec![])
    };
    let [mut train, mut test] = [empty(), empty()];
    let mut names = Vec::new();
    for (file, bytes) in recordings {
        let Name { digit, speaker, number } = parsed(&file)?;
        let shard = if number < FIRST_TRAINED { &mut test } else { &mut train };
        shard.features.extend(log_mel::bytes(&samples(&file, bytes)?));
        shard.labels.push(digit);
        if number >= FIRST_TRAINED {
            names.push(speaker);
        }
    }
    if train.is_empty() || test.is_empty() {
        let problem =
            format!("{} recordings to train on and {} to test with; both are needed", train.len(), test.len());
        return Err(Error::Data { path: path.into(), problem });
    }
    let all: Vec<&String> = names.iter().collect::<BTreeSet<_>>().into_iter().collect();
    let number = |it: &String| all.partition_point(|other| *other < it) as u32;
    let speakers = names.iter().map(number).collect();
    Ok(Recorded { train, speakers, test })
}

/// Bytes by file, in the order of their names, whatever the order on the disk.
type Recordings = BTreeMap<PathBuf, Vec<u8>>;

fn is_packed(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.is_file() && (name.ends_with(".tar.gz") || name.ends_with(".tgz"))
}

fn is_wave(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "wav")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = folder.read_dir().into_iter().flatten().flatten().map(|it| it.path()).collect();
    paths.sort();
    paths
}

/// The recordings in a folder, or in its folder `recordings`.
fn waves(folder: &Path) -> Vec<PathBuf> {
    let in_folder = |it: &Path| entries(it).into_iter().filter(|it| is_wave(it)).collect::<Vec<_>>();
    Some(in_folder(folder)).filter(|it| !it.is_empty()).unwrap_or_else(|| in_folder(&folder.join("recordings")))
}

/// The first archive in a folder.
fn archive(folder: &Path) -> Option<PathBuf> {
    entries(folder).into_iter().find(|it| is_packed(it))
}

fn loaded(files: &[PathBuf]) -> Result<Recordings, Error> {
    let pair = |it: &PathBuf| Ok((it.clone(), std::fs::read(it).map_err(Error::io(it))?));
    files.iter().map(pair).collect()
}

fn unpacked(archive: &Path) -> Result<Recordings, Error> {
    let file = File::open(archive).map_err(Error::io(archive))?;
    let damaged =
        |error| Error::Data { path: archive.into(), problem: format!("damaged or truncated archive: {error}") };
    let mut recordings = Recordings::new();
    for entry in tar::Archive::new(MultiGzDecoder::new(file).take(SIZE_LIMIT)).entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        let path = entry.path().map_err(damaged)?.into_owned();
        if is_wave(&path) {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).map_err(damaged)?;
            recordings.insert(path, bytes);
        }
    }
    Ok(recordings)
}

/// What the name of a recording says.
struct Name {
    digit: u8,
    speaker: String,
    number: u32,
}

/// The parts of `7_nicolas_12.wav`.
fn parsed(file: &Path) -> Result<Name, Error> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let name = || {
        let (digit, rest) = stem.split_once('_')?;
        let (speaker, number) = rest.rsplit_once('_')?;
        Some(Name { digit: digit.parse().ok()?, speaker: speaker.into(), number: number.parse().ok()? })
    };
    name().filter(|it| it.digit < DIGITS).ok_or_else(|| Error::Data {
        path: file.into(),
        problem: "a recording is called DIGIT_SPEAKER_NUMBER.wav, such as 7_nicolas_12.wav".into(),
    })
}

/// The samples of a file of one channel.
fn samples(file: &Path, bytes: Vec<u8>) -> Result<Vec<i16>, Error> {
    let wrong = |problem: String| Error::Data { path: file.into(), problem };
    let damaged = |error| wrong(format!("damaged, truncated or no WAV: {error}"));
    let mut wave = hound::WavReader::new(Cursor::new(bytes)).map_err(damaged)?;
    let hound::WavSpec { channels, sample_rate, bits_per_sample, sample_format } = wave.spec();
    if (channels, sample_rate, bits_per_sample, sample_format) != (1, RATE, 16, hound::SampleFormat::Int) {
        let found = format!("{channels} channels of {bits_per_sample} bits at {sample_rate} Hz");
        return Err(wrong(format!("{found}; one channel of 16-bit integers at {RATE} Hz is expected")));
    }
    wave.samples().collect::<Result<_, _>>().map_err(damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A WAV file of a click, loudest at its class.
    fn wave(channels: u16, sample_rate: u32, digit: u8) -> Vec<u8> {
        let spec =
            hound::WavSpec { channels, sample_rate, bits_per_sample: 16, sample_format: hound::SampleFormat::Int };
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut bytes, spec).expect("a header");
        for at in 0..400 * i16::from(channels as u8) {
            writer.write_sample(at % 20 * 100 * (i16::from(digit) + 1)).expect("a sample");
        }
        writer.finalize().expect("written");
        bytes.into_inner()
    }

    fn folder(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("recordings")).expect("made");
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).expect("written");
        }
        folder
    }

    fn packed(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let mut archive = tar::Builder::new(gzip);
        for (name, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            archive.append_data(&mut header, name, bytes.as_slice()).expect("packed");
        }
        archive.into_inner().and_then(flate2::write::GzEncoder::finish).expect("finished")
    }

    #[test]
    fn recordings_are_the_same_in_folders_and_archives() {
        let files = [
            ("recordings/3_ann_11.wav", wave(1, RATE, 3)),
            ("recordings/3_ann_4.wav", wave(1, RATE, 3)),
            ("recordings/0_ben_a_5.wav", wave(1, RATE, 0)),
        ];
        let plain = folder(&files);
        let Recorded { train, speakers, test } = read(plain.path()).expect("read");
        assert_eq!(speakers, [1, 0], "ben_a before ann, as digits go");
        assert_eq!((train.labels.as_slice(), test.labels.as_slice()), (&[0, 3][..], &[3][..]));
        assert_eq!((train.problem(3920, Some(10)), test.problem(3920, Some(10))), (None, None));
        assert_eq!(train.features[3920..], test.features[..], "the same sound");
        let one = folder(&[("speech.tar.gz", packed(&files))]);
        for path in [plain.path().join("recordings"), one.path().into(), one.path().join("speech.tar.gz")] {
            assert!(is_at(&path));
            let again = read(&path).expect("read");
            assert_eq!((&again.train, &again.speakers, &again.test), (&train, &speakers, &test), "{}", path.display());
        }
        assert!(!is_at(folder(&[]).path()));
    }

    #[test]
    fn what_is_wrong_is_said_with_the_file() {
        let good = wave(1, RATE, 1);
        let cases: [(&str, Vec<u8>, &str); 5] = [
            ("1_ann.txt.wav", good.clone(), "DIGIT_SPEAKER_NUMBER.wav"),
            ("1_ann_7.wav", wave(2, RATE, 1), "2 channels of 16 bits at 8000 Hz; one channel"),
            ("1_ann_7.wav", wave(1, 44_100, 1), "at 44100 Hz; one channel of 16-bit integers at 8000 Hz"),
            ("1_ann_7.wav", good[..60].to_vec(), "damaged, truncated or no WAV"),
            ("1_ann_7.wav", good.clone(), "1 recordings to train on and 0 to test with"),
        ];
        for (file, bytes, problem) in cases {
            let error = read(folder(&[(file, bytes)]).path()).expect_err(problem).to_string();
            assert!(error.contains(problem), "{error}");
        }
        let torn = packed(&[("1_ann_7.wav", good)]);
        let error =
            read(folder(&[("a.tar.gz", torn[..torn.len() / 2].to_vec())]).path()).expect_err("torn").to_string();
        assert!(error.contains("a.tar.gz") && error.contains("damaged or truncated archive"), "{error}");
    }
}
