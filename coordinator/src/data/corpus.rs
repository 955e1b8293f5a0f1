//! A corpus: documents over a vocabulary in the file format of OCTIS, `corpus.tsv` beside `vocabulary.txt`.
//!
//! A line of `corpus.tsv` is a document, its words apart by spaces, then its part (`train`, `val` or `test`) and its
//! label, apart by tabs; without a label it has the empty one. A line of `vocabulary.txt` is a word.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use protocol::data::shard::Shard;

use super::{Dataset, Format, name};
use crate::error::Error;
use crate::found::Found;

/// Documents as OCTIS writes them. Those to choose by stay aside.
pub(super) const FORMAT: Format = Format { looks_for: "documents (OCTIS's `corpus.tsv`)", read: dataset };

/// What OCTIS calls its files.
const FILE: &str = "corpus.tsv";
const VOCABULARY: &str = "vocabulary.txt";

/// Documents over a vocabulary, by parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Corpus {
    /// Words, by their number.
    pub vocabulary: Vec<String>,
    /// Labels, by their number.
    pub labels: Vec<String>,
    /// To train on.
    pub train: Documents,
    /// To choose by; nobody trains on them.
    pub val: Documents,
    /// To test with.
    pub test: Documents,
}

/// Documents with one label each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Documents {
    /// Numbers of words, in the order in which they were written.
    pub texts: Vec<Vec<u32>>,
    /// One per document.
    pub labels: Vec<u8>,
}

fn dataset(folder: &Path) -> Result<Option<Dataset>, Error> {
    if !folder.join(FILE).is_file() {
        return Ok(None);
    }
    let corpus = Corpus::read(folder)?;
    let (train, test) = (corpus.shard(&corpus.train), corpus.shard(&corpus.test));
    let n_words = corpus.vocabulary.len();
    let about = Found::Documents {
        place: name(folder),
        n_train: train.len() as u64,
        n_test: test.len() as u64,
        n_words: n_words as u64,
        n_beyond: corpus.n_beyond() as u64,
    };
    Ok(Some(Dataset { about, shape: vec![n_words], train, origins: None, test }))
}

impl Corpus {
    /// Reads a folder.
    ///
    /// # Errors
    /// [`Error::Data`] names the file, the line and what is wrong with it.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let (path, words_path) = (folder.join(FILE), folder.join(VOCABULARY));
        let vocabulary = read(&words_path)?.lines().map(|it| it.trim_end().to_owned()).collect::<Vec<_>>();
        let mut numbers = BTreeMap::new();
        for (at, word) in vocabulary.iter().enumerate() {
            if word.is_empty() || word.contains(char::is_whitespace) {
                return Err(wrong(&words_path, at, format!("`{word}` is no word")));
            }
            if numbers.insert(word.as_str(), at as u32).is_some() {
                return Err(wrong(&words_path, at, format!("`{word}` is there a second time")));
            }
        }
        let text = read(&path)?;
        let lines = text
            .lines()
            .enumerate()
            .map(|(at, line)| Line::parsed(line, &numbers).map_err(|problem| wrong(&path, at, problem)));
        let lines = lines.collect::<Result<Vec<Line<'_>>, Error>>()?;
        let labels: Vec<&str> = lines.iter().map(|it| it.label).collect::<BTreeSet<_>>().into_iter().collect();
        if labels.len() > 256 {
            return Err(Error::Data { path, problem: format!("{} different labels, at most 256", labels.len()) });
        }
        let [mut train, mut val, mut test] = [(); 3].map(|()| Documents::default());
        for Line { text, part, label } in lines {
            let documents = match part {
                Part::Train => &mut train,
                Part::Val => &mut val,
                Part::Test => &mut test,
            };
            documents.texts.push(text);
            documents.labels.push(labels.partition_point(|it| *it < label) as u8);
        }
        let labels = labels.into_iter().map(String::from).collect();
        for (part, documents) in [("train", &train), ("test", &test)] {
            if documents.texts.is_empty() {
                return Err(Error::Data { path, problem: format!("no document is of the part `{part}`") });
            }
        }
        Ok(Self { vocabulary, labels, train, val, test })
    }

    /// The word counts of some of its documents.
    pub fn shard(&self, documents: &Documents) -> Shard {
        let n_words = self.vocabulary.len();
        let mut counts = vec![0u8; n_words * documents.texts.len()];
        for (row, text) in counts.chunks_exact_mut(n_words.max(1)).zip(&documents.texts) {
            // A byte holds no more; `n_beyond` says how often that happens.
            text.iter().for_each(|&word| row[word as usize] = row[word as usize].saturating_add(1));
        }
        Shard::of_counts(n_words as u32, self.labels.len() as u32, counts, documents.labels.clone())
    }

    /// How many counts of a word in a document are above 255, and taken as 255.
    pub fn n_beyond(&self) -> usize {
        let texts = [&self.train, &self.val, &self.test].into_iter().flat_map(|it| &it.texts);
        let beyond = |text: &Vec<u32>| {
            let mut counts = BTreeMap::new();
            text.iter().for_each(|word| *counts.entry(word).or_insert(0) += 1);
            counts.values().filter(|it| **it > u32::from(u8::MAX)).count()
        };
        texts.filter(|it| it.len() > usize::from(u8::MAX)).map(beyond).sum()
    }
}

enum Part {
    Train,
    Val,
    Test,
}

struct Line<'a> {
    text: Vec<u32>,
    part: Part,
    label: &'a str,
}

impl<'a> Line<'a> {
    fn parsed(line: &'a str, numbers: &BTreeMap<&str, u32>) -> Result<Self, String> {
        let fields: Vec<&str> = line.trim_end_matches('\r').split('\t').collect();
        let (text, part, label) = match fields[..] {
            [text, part] => (text, part, ""),
            [text, part, label] => (text, part, label),
            _ => return Err(format!("{} fields apart by tabs, expected text, part and label", fields.len())),
        };
        let part = match part {
            "train" => Part::Train,
            "val" => Part::Val,
            "test" => Part::Test,
            _ => return Err(format!("part `{part}` must be one of: train, val, test")),
        };
        let number = |word: &str| numbers.get(word).copied().ok_or(format!("`{word}` is not in {VOCABULARY}"));
        let text = text.split_whitespace().map(number).collect::<Result<Vec<u32>, String>>()?;
        Ok(Self { text, part, label })
    }
}

fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(Error::io(path))
}

/// A problem with a line, counted from 1 as editors do.
fn wrong(path: &Path, line: usize, problem: String) -> Error {
    Error::Data { path: path.into(), problem: format!("line {}: {problem}", line + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &str = "bee\nhive\nrose\n";

    fn corpus(text: &str, words: &str) -> Result<Corpus, String> {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, content) in [(FILE, text), (VOCABULARY, words)] {
            std::fs::write(folder.path().join(name), content).expect("written");
        }
        Corpus::read(folder.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn documents_become_counts_by_parts() {
        let text = "bee hive bee\ttrain\tfarm\nrose\ttest\tart\nrose bee\tval\tfarm\nhive\ttrain\tart\n";
        let read = corpus(text, WORDS).expect("legal");
        assert_eq!(read.labels, ["art", "farm"]);
        assert_eq!(read.val.texts, [[2, 0]]);
        assert_eq!(read.shard(&read.train), Shard::of_counts(3, 2, vec![2, 1, 0, 0, 1, 0], vec![1, 0]));
        assert_eq!(read.shard(&read.test), Shard::of_counts(3, 2, vec![0, 0, 1], vec![0]));
    }

    #[test]
    fn labels_may_be_absent() {
        let read = corpus("bee\ttrain\nbee\ttest\n", WORDS).expect("legal");
        assert_eq!((read.labels, read.train.labels), (vec![String::new()], vec![0]));
    }

    #[test]
    fn counts_beyond_a_byte_are_the_most_that_a_byte_holds() {
        let many = "bee ".repeat(300);
        let read = corpus(&format!("{many}\ttrain\na hive\ttest\n").replace("a hive", "hive"), WORDS).expect("legal");
        assert_eq!((read.shard(&read.train).features, read.n_beyond()), (vec![255, 0, 0], 1));
    }

    #[test]
    fn what_is_wrong_is_said_with_file_and_line() {
        for (text, words, expected) in [
            ("bee\ttrain\tx\nbee wasp\ttest\tx\n", WORDS, "corpus.tsv: line 2: `wasp` is not in vocabulary.txt"),
            ("bee\ttrain\tx\nbee\n", WORDS, "corpus.tsv: line 2: 1 fields apart by tabs"),
            ("bee\ttest\tx\nbee\tdev\tx\n", WORDS, "corpus.tsv: line 2: part `dev` must be one of: train, val, test"),
            ("bee\ttrain\tx\n", WORDS, "corpus.tsv: no document is of the part `test`"),
            ("", "bee\nhive\nbee\n", "vocabulary.txt: line 3: `bee` is there a second time"),
            ("", "bee\n\nhive\n", "vocabulary.txt: line 2: `` is no word"),
        ] {
            let error = corpus(text, words).expect_err(expected);
            assert!(error.contains(expected), "{error}");
        }
        let error = Corpus::read(Path::new("/nowhere")).expect_err("no folder").to_string();
        assert!(error.contains(VOCABULARY), "{error}");
    }
}
