//! Saving: what is committed goes to the disk beside the room, which goes on listening. Until it is there nobody is told of it:
//! what the session says meanwhile is held back, in order.

use std::sync::Arc;
use std::time::Duration;

use protocol::wire::Done;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::{Note, Room};
use crate::error::Error;
use crate::session::{Alarm, ClientId, Commit, Effect, Phase, Problem, RoundRecord, State, View};
use crate::store::{Checkpoint, Reason, Store};

/// Time between two attempts to save.
const SAVE_PAUSE: Duration = Duration::from_secs(2);

/// What is on its way to the disk.
pub(super) struct Saving {
    news: mpsc::UnboundedReceiver<News>,
    then: Then,
    /// What was shown last of what is durable.
    shown: Arc<View>,
}

/// What a save has to say.
pub(super) enum News {
    /// It failed, and is tried again.
    Failed(String),
    /// Everything is there, but measurements that came late.
    Unmeasured(String),
    /// It is there.
    Saved,
}

/// What is done once it is there.
pub(super) enum Then {
    /// A round is told.
    Commit(Arc<RoundRecord>, Arc<State>),
    /// The session is over.
    Finish(Done, Arc<State>),
}

/// What has to get there.
enum Work {
    Round(Arc<RoundRecord>, Option<(Checkpoint, Reason)>),
    End(Checkpoint, Vec<Arc<RoundRecord>>),
}

impl Room {
    /// Saves a round, if there is a disk to save it to, and tells of it afterwards.
    pub(super) fn save_round(&mut self, Commit { state, record, is_event }: Commit) {
        self.unsaved += 1;
        let policy = self.it.session.recipe().checkpoints();
        let is_late = policy.seconds.is_some_and(|it| self.saved_at.elapsed().as_secs_f64() >= it);
        let is_due = is_event || is_late || self.unsaved >= policy.rounds || self.it.session.is_over();
        let reason = if is_event { Reason::MaskEvent } else { Reason::Due };
        let checkpoint = is_due.then(|| (self.checkpoint(&state), reason));
        if is_due {
            (self.unsaved, self.saved_at) = (0, Instant::now());
        }
        self.save(Work::Round(record.clone(), checkpoint), Then::Commit(record, state));
    }

    /// Saves the last round once more, with the last measurement, which came after its commit.
    pub(super) fn save_end(&mut self, done: Done) {
        let state = Arc::new(self.it.session.state().clone());
        let history = self.it.session.history().to_vec();
        self.save(Work::End(self.checkpoint(&state), history), Then::Finish(done, state));
    }

    fn save(&mut self, work: Work, then: Then) {
        let Some(store) = self.it.store.clone() else { return self.tell(then) };
        let (sender, news) = mpsc::unbounded_channel();
        let shown = self.it.windows.views.borrow().clone();
        tokio::spawn(work.write(store, sender));
        self.saving = Some(Saving { news, then, shown });
    }

    /// What a save says: whatever waits for it goes on once it is there.
    pub(super) fn hear_of_disk(&mut self, news: News) {
        let is_unsaved = |it: &mut Problem| matches!(it, Problem::Unsaved { .. });
        match news {
            News::Failed(detail) => {
                self.problem = Some(Problem::Unsaved { detail });
                return self.show();
            }
            News::Unmeasured(detail) => self.problem = Some(Problem::Unmeasured { detail }),
            News::Saved => drop(self.problem.take_if(is_unsaved)),
        }
        if let Some(Saving { then, .. }) = self.saving.take() {
            self.tell(then);
        }
        self.go_on();
        self.change();
    }

    fn tell(&mut self, then: Then) {
        match then {
            Then::Commit(record, state) => {
                let (rounds, n_alive_weights) = (record.round + 1, record.n_alive_weights);
                let (counted, cohort) = (record.counted, record.cohort);
                self.journal(&Note::Committed { rounds, counted, cohort, n_alive_weights });
                self.it.windows.committed.send_replace(state);
            }
            Then::Finish(done, state) => {
                self.it.windows.committed.send_replace(state);
                self.journal(&Note::Done { rounds: done.rounds });
                self.show();
                self.it.windows.done.send_replace(Some(done));
            }
        }
    }

    /// What may be shown of a view while a round is on its way to the disk: that round is not told yet.
    pub(super) fn durable(&self, view: View) -> View {
        let Some(Saving { shown, .. }) = &self.saving else { return view };
        let is_ahead = matches!(view.phase, Phase::Collecting | Phase::Closing | Phase::Done);
        View {
            phase: if is_ahead { shown.phase } else { view.phase },
            rounds_committed: shown.rounds_committed,
            cohort: shown.cohort,
            counted: shown.counted,
            history: shown.history.clone(),
            stage: shown.stage,
            level: shown.level,
            levels: shown.levels,
            accuracy: shown.accuracy,
            loss: shown.loss,
            unit_density: shown.unit_density,
            spaces: shown.spaces.clone(),
            density_by_layer: shown.density_by_layer.clone(),
            done: shown.done,
            n_alive_weights: shown.n_alive_weights,
            ..view
        }
    }

    /// Does what a session says, or holds it back while a round is on its way to the disk. What tells nothing of that round
    /// does not wait: whoever is told to stand by, or refused, hears it at once, and whoever is lost has his time from now on.
    pub(super) fn execute(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Standby(client, _) if self.saving.is_some() => {
                    self.forget_plan(client);
                    self.perform(effect);
                }
                Effect::Refuse(..) | Effect::Wake(Alarm::Grace { .. }, _) if self.saving.is_some() => {
                    self.perform(effect)
                }
                Effect::Standby(..)
                | Effect::Refuse(..)
                | Effect::Plan(..)
                | Effect::Wake(..)
                | Effect::Commit(..)
                | Effect::Evaluate(..)
                | Effect::Finish(..) => self.held.push_back(effect),
            }
        }
        self.go_on();
    }

    /// Does what was held back, up to the next thing that has to be saved.
    fn go_on(&mut self) {
        while self.saving.is_none()
            && let Some(effect) = self.held.pop_front()
        {
            self.perform(effect);
        }
    }

    /// A client that is told something else after a plan is not sent that plan any more.
    fn forget_plan(&mut self, client: ClientId) {
        for effect in &mut self.held {
            if let Effect::Plan(clients, ..) = effect {
                clients.retain(|it| *it != client);
            }
        }
    }
}

impl Work {
    /// Writes it, as often as it takes.
    async fn write(self, store: Arc<Store>, news: mpsc::UnboundedSender<News>) {
        match self {
            Self::Round(record, checkpoint) => {
                let noted = store.clone();
                until_written(&news, move || noted.note_round(&record)).await;
                if let Some((checkpoint, reason)) = checkpoint {
                    until_written(&news, move || store.save(&checkpoint, reason)).await;
                }
            }
            Self::End(checkpoint, history) => {
                let saved = store.clone();
                until_written(&news, move || saved.save(&checkpoint, Reason::Due)).await;
                // Measurements came after their rounds' lines: at the end they stand there too. The journal has them in any case.
                if let Err(detail) = written(move || store.rewrite_rounds(&history)).await {
                    let _ = news.send(News::Unmeasured(detail));
                    return;
                }
            }
        }
        // A room that is closed does not need to know.
        let _ = news.send(News::Saved);
    }
}

/// Tries until it is there. A session that cannot save stands still and says why: going on would lose what clients did.
async fn until_written(
    news: &mpsc::UnboundedSender<News>,
    write: impl Fn() -> Result<(), Error> + Send + Sync + 'static,
) {
    let write = Arc::new(write);
    loop {
        let write = write.clone();
        let Err(problem) = written(move || write()).await else { return };
        // Whether or not the room is still there, what was committed belongs on the disk.
        let _ = news.send(News::Failed(problem));
        sleep(SAVE_PAUSE).await;
    }
}

async fn written(write: impl FnOnce() -> Result<(), Error> + Send + 'static) -> Result<(), String> {
    let written = tokio::task::spawn_blocking(write).await;
    written.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

/// The next news of what is on its way; never, when nothing is.
pub(super) async fn news(saving: &mut Option<Saving>) -> News {
    match saving {
        Some(it) => match it.news.recv().await {
            Some(news) => news,
            // The system is taking everything down.
            None => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}
