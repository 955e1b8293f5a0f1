//! A run directory: what was run, checkpoints to go on from, and what it came to.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use coordinator::export::leave;
use coordinator::session::{RoundRecord, Settings, State, View};
use coordinator::store::{Checkpoint, Identity, Loaded, Reason, Store};
use protocol::recipe::{RawRecipe, Recipe};
use protocol::wire::Evaluation;
use serde::{Deserialize, Serialize};

use super::crew::Memories;
use crate::dataset::Description;

/// The file that says what was run.
const RUN: &str = "run.json";

/// What clients' optimizers remembered when the run was stopped: nothing else needs it, and it is large.
const MEMORIES: &str = "memories.postcard";

/// What was run: the same again gives the same model, to the byte.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Run {
    /// Version of the program.
    version: String,
    recipe: RawRecipe,
    settings: Settings,
    /// Where the data is and how it is dealt.
    data: Description,
    /// Digest of all samples, to train on and to test with.
    data_digest: String,
}

/// A folder of one run.
pub(super) struct RunDir {
    dir: PathBuf,
    store: Store,
    run: Run,
    begun: Option<Loaded>,
}

impl RunDir {
    /// Takes a folder, new or with the same run in it.
    pub(super) fn open(
        dir: &Path,
        recipe: &Recipe,
        settings: &Settings,
        data: &Description,
        digest: u64,
    ) -> anyhow::Result<Self> {
        let run = Run {
            version: env!("CARGO_PKG_VERSION").into(),
            recipe: recipe.raw().clone(),
            settings: settings.clone(),
            data: data.clone(),
            data_digest: format!("{digest:016x}"),
        };
        let store = Store::open(dir)?;
        let path = dir.join(RUN);
        if path.is_file() {
            let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let known: Run =
                serde_json::from_str(&text).with_context(|| format!("{} does not say what was run", path.display()))?;
            if known != run {
                bail!("{} holds another run (see its {RUN}): choose another --out", dir.display());
            }
        } else {
            let text = serde_json::to_string_pretty(&run).expect("a run is plain data");
            std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
        let begun = store.load()?;
        begun.iter().flat_map(|it| &it.warnings).for_each(|it| eprintln!("{it}"));
        Ok(Self { dir: dir.into(), store, run, begun })
    }

    /// Where an earlier try at the same run stopped.
    pub(super) fn begun(&self) -> Option<(State, Vec<Arc<RoundRecord>>)> {
        self.begun.as_ref().map(|it| (it.checkpoint.state.clone(), it.history.clone()))
    }

    pub(super) fn note(&self, record: &RoundRecord) -> anyhow::Result<()> {
        Ok(self.store.note_round(record)?)
    }

    pub(super) fn note_evaluation(&self, rounds: u32, evaluation: Evaluation) -> anyhow::Result<()> {
        Ok(self.store.note_evaluation(rounds, evaluation)?)
    }

    /// Keeps what clients' optimizers remember after so many rounds.
    pub(super) fn keep(&self, rounds: u32, memories: &Memories) -> anyhow::Result<()> {
        let path = self.dir.join(MEMORIES);
        if memories.is_empty() {
            return match std::fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    Err(error).with_context(|| format!("cannot remove {}", path.display()))
                }
                Err(_) | Ok(()) => Ok(()),
            };
        }
        let bytes = postcard::to_stdvec(&(rounds, memories)).expect("memories are plain data");
        std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
    }

    /// What they remembered after so many rounds; nothing if the run was broken off at another round.
    pub(super) fn kept(&self, rounds: u32) -> Memories {
        let bytes = std::fs::read(self.dir.join(MEMORIES)).ok();
        let kept = bytes.and_then(|it| postcard::from_bytes::<(u32, Memories)>(&it).ok());
        kept.filter(|it| it.0 == rounds).map(|it| it.1).unwrap_or_default()
    }

    pub(super) fn save(&self, state: &State, reason: Reason) -> anyhow::Result<()> {
        let Run { recipe, settings, data, .. } = &self.run;
        let checkpoint = Checkpoint {
            recipe: recipe.clone().check().context("it was checked before")?,
            settings: settings.clone(),
            state: state.clone(),
            identity: Identity { code: String::new(), host_secret: String::new(), n_clients: 0 },
            dataset: data.to_json(),
        };
        Ok(self.store.save(&checkpoint, reason)?)
    }

    pub(super) fn export(&self, recipe: &Recipe, state: &State, view: &View) -> anyhow::Result<()> {
        Ok(leave(&self.dir, recipe, state, view)?)
    }
}
