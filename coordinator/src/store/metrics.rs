//! Metrics: one line for every committed round, in a file of its own, so that a checkpoint does not grow with the rounds.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, MutexGuard, PoisonError};

use protocol::wire::Evaluation;
use serde::{Deserialize, Serialize};

use super::checkpoint::History;
use super::{JOURNAL, Store, lines, private};
use crate::error::Error;
use crate::json;
use crate::session::RoundRecord;

/// The file's name, which is also that of the export.
pub(super) const METRICS: &str = "metrics.jsonl";

/// Opens the file, or makes it.
pub(super) fn opened(dir: &Path) -> Result<File, Error> {
    let path = dir.join(METRICS);
    private().append(true).create(true).open(&path).map_err(Error::io(&path))
}

/// What the journal says of measurements, which come after the lines of their rounds.
#[derive(Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Journaled {
    /// The model after so many rounds was measured.
    Evaluated { rounds: u32, evaluation: Evaluation },
    /// The session goes on from so many rounds: whatever came after them is void.
    Opened { rounds: u32 },
}

impl Store {
    /// Appends the line of a round: all of it, or nothing.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn note_round(&self, record: &RoundRecord) -> Result<(), Error> {
        let text = json::line(record);
        let mut metrics = self.metrics();
        let mut append = || {
            let before = metrics.metadata()?.len();
            // Half a line would spoil the next one too.
            metrics.write_all(text.as_bytes()).inspect_err(|_| drop(metrics.set_len(before)))
        };
        append().map_err(Error::io(&self.dir.join(METRICS)))
    }

    /// Appends what the model came to after so many rounds to the journal; loading adds the figures to the round's line.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn note_evaluation(&self, rounds: u32, evaluation: Evaluation) -> Result<(), Error> {
        self.note(&Journaled::Evaluated { rounds, evaluation })
    }

    /// Makes all lines durable.
    pub(super) fn sync_rounds(&self) -> Result<(), Error> {
        self.metrics().sync_data().map_err(Error::io(&self.dir.join(METRICS)))
    }

    /// What is known of so many rounds: from an old checkpoint, or from the file. Lines of later rounds, which will be run
    /// again, are taken out of it.
    pub(super) fn rounds_up_to(
        &self,
        rounds: u32,
        old: Option<History>,
        warnings: &mut Vec<String>,
    ) -> Result<History, Error> {
        let path = self.dir.join(METRICS);
        let text = fs::read(&path).map_err(Error::io(&path))?;
        let mut history = old.unwrap_or_else(|| history(rounds, &text, warnings));
        self.measure(&mut history)?;
        if written(&history) != text {
            self.rewrite_rounds(&history)?;
        }
        Ok(history)
    }

    /// Fills in what was measured after the lines were written.
    fn measure(&self, history: &mut History) -> Result<(), Error> {
        let path = self.dir.join(JOURNAL);
        let text = fs::read(&path).map_err(Error::io(&path))?;
        let mut measured = BTreeMap::new();
        for it in lines(&text) {
            match it {
                Journaled::Evaluated { rounds, evaluation } => drop(measured.insert(rounds, evaluation)),
                Journaled::Opened { rounds } => measured.retain(|it, _| *it <= rounds),
            }
        }
        for (rounds, evaluation) in measured {
            let record = rounds.checked_sub(1).and_then(|at| history.get_mut(at as usize));
            if let Some(record) = record.filter(|it| it.test.is_none()) {
                Arc::make_mut(record).test = Some(evaluation);
            }
        }
        Ok(())
    }

    /// Puts what is known now in the place of all lines, durably: a crash leaves the ones or the others.
    ///
    /// # Errors
    /// [`Error::Io`]; the old lines are then untouched.
    pub fn rewrite_rounds(&self, history: &[Arc<RoundRecord>]) -> Result<(), Error> {
        let mut metrics = self.metrics();
        let path = self.dir.join(METRICS);
        let tmp = path.with_extension("tmp");
        let write = || {
            let mut file = private().write(true).create(true).truncate(true).open(&tmp)?;
            file.write_all(&written(history))?;
            file.sync_all()?;
            fs::rename(&tmp, &path)?;
            File::open(&self.dir)?.sync_all()
        };
        write().map_err(Error::io(&tmp))?;
        *metrics = opened(&self.dir)?;
        Ok(())
    }

    fn metrics(&self) -> MutexGuard<'_, File> {
        self.metrics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A line for every round.
fn written(history: &[Arc<RoundRecord>]) -> Vec<u8> {
    history.iter().map(|it| json::line(it.as_ref())).collect::<String>().into_bytes()
}

/// The lines of so many rounds; of a round that has several, the last one, and of one that has none, its number.
fn history(rounds: u32, text: &[u8], warnings: &mut Vec<String>) -> History {
    let mut known: BTreeMap<u32, RoundRecord> = lines::<RoundRecord>(text).map(|it| (it.round, it)).collect();
    let n_lost = (0..rounds).filter(|it| !known.contains_key(it)).count();
    if n_lost > 0 {
        warnings.push(format!("{METRICS} lacks {n_lost} of {rounds} rounds: their figures are lost"));
    }
    let blank = |round| RoundRecord { round, ..RoundRecord::default() };
    (0..rounds).map(|it| Arc::new(known.remove(&it).unwrap_or_else(|| blank(it)))).collect()
}
