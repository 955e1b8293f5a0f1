//! The crew: threads that train and measure, each with engines of its own, whoever's data it is.

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Scope;

use anyhow::anyhow;
use client_wasm::failure::Failure;
use client_wasm::trainer::{Assignment, Remembered, Trainer};
use coordinator::Evaluator as _;
use coordinator::session::{ClientId, State};
use engine::devices::Device;
use pollster::block_on;
use protocol::choices::Memory;
use protocol::data::shard::Shard;
use protocol::recipe::Recipe;
use protocol::task::Task;
use protocol::wire::{Contribution, Evaluation};

use crate::evaluator::NativeEvaluator;

/// Something for a thread to do.
pub(super) enum Job {
    /// A client's work on a plan.
    Train(ClientId, Box<Assignment>),
    /// How a committed model does on the test data.
    Measure(Arc<State>),
}

/// What a thread has done.
pub(super) enum Done {
    Trained(ClientId, Result<Contribution, Failure>),
    Measured(u32, Evaluation),
}

/// Threads, and the way there and back.
pub(super) struct Crew<'a> {
    jobs: mpsc::Sender<Job>,
    memories: Arc<Mutex<Memories>>,
    done: mpsc::Receiver<anyhow::Result<Done>>,
    n_threads: usize,
    n_given: usize,
    _of: std::marker::PhantomData<&'a ()>,
}

/// What clients' optimizers remember, where the recipe keeps that.
pub(super) type Memories = BTreeMap<ClientId, Remembered>;

/// What all threads see.
struct Common<'a> {
    recipe: &'a Recipe,
    task: Task,
    shards: &'a BTreeMap<ClientId, Arc<Shard>>,
    /// Of the shards: the seeds of their clients.
    digests: BTreeMap<ClientId, u64>,
    test: &'a Shard,
    jobs: Mutex<mpsc::Receiver<Job>>,
    memories: Arc<Mutex<Memories>>,
    keeps_memory: bool,
}

impl<'a> Crew<'a> {
    /// Starts so many threads; they end with the crew.
    pub(super) fn start<'scope>(
        scope: &'scope Scope<'scope, 'a>,
        n_threads: usize,
        recipe: &'a Recipe,
        shards: &'a BTreeMap<ClientId, Arc<Shard>>,
        test: &'a Shard,
        memories: Memories,
    ) -> Self {
        let memories = Arc::new(Mutex::new(memories));
        let (jobs, todo) = mpsc::channel();
        let (sender, done) = mpsc::channel();
        let keeps_memory = recipe.stages().iter().any(|it| it.local.memory == Memory::Kept || it.evidence().is_some());
        let common = Arc::new(Common {
            recipe,
            task: recipe.task(),
            shards,
            digests: shards.iter().map(|(id, shard)| (*id, shard.digest())).collect(),
            test,
            jobs: Mutex::new(todo),
            memories: memories.clone(),
            keeps_memory,
        });
        for _ in 0..n_threads {
            let (common, sender) = (common.clone(), sender.clone());
            scope.spawn(move || {
                let mut hand = Hand { common: &common, trainer: None, evaluator: None };
                while let Some(job) = common.next() {
                    // Nobody listens once the run is over.
                    if sender.send(hand.take(job)).is_err() {
                        return;
                    }
                }
            });
        }
        Self { jobs, memories, done, n_threads, n_given: 0, _of: std::marker::PhantomData }
    }

    /// Whether to give a job now: each thread has one, and another to go on with while what it did is judged.
    pub(super) fn has_room(&self) -> bool {
        self.n_given < 2 * self.n_threads
    }

    pub(super) fn is_idle(&self) -> bool {
        self.n_given == 0
    }

    /// What clients' optimizers remember by now.
    pub(super) fn memories(&self) -> Memories {
        std::mem::take(&mut self.memories.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn give(&mut self, job: Job) {
        self.n_given += 1;
        // A thread that is gone shows when its work is waited for.
        let _ = self.jobs.send(job);
    }

    pub(super) fn take(&mut self) -> anyhow::Result<Done> {
        self.n_given -= 1;
        self.done.recv().map_err(|_| anyhow!("the threads that train have stopped"))?
    }
}

impl Common<'_> {
    fn next(&self) -> Option<Job> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
    }
}

/// A thread with its engines.
struct Hand<'a> {
    common: &'a Common<'a>,
    /// And whose data it has.
    trainer: Option<(ClientId, Trainer)>,
    evaluator: Option<NativeEvaluator>,
}

impl Hand<'_> {
    fn take(&mut self, job: Job) -> anyhow::Result<Done> {
        match job {
            Job::Train(id, assignment) => Ok(Done::Trained(id, self.train(id, &assignment))),
            Job::Measure(state) => {
                if self.evaluator.is_none() {
                    self.evaluator = Some(NativeEvaluator::new(self.common.recipe, self.common.test.clone())?);
                }
                let evaluator = self.evaluator.as_mut().ok_or_else(|| anyhow!("there is an evaluator"))?;
                Ok(Done::Measured(state.rounds_committed(), evaluator.evaluate(&state)))
            }
        }
    }

    fn train(&mut self, id: ClientId, assignment: &Assignment) -> Result<Contribution, Failure> {
        let common = self.common;
        let trainer = self.serve(id)?;
        if common.keeps_memory {
            let memory = common.memories.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
            trainer.recall(memory);
        }
        let contribution = block_on(trainer.work(assignment, async |_| {}))?;
        if common.keeps_memory
            && let Some(memory) = block_on(trainer.remembered())?
        {
            common.memories.lock().unwrap_or_else(PoisonError::into_inner).insert(id, memory);
        }
        Ok(contribution)
    }

    /// The trainer with a client's data.
    fn serve(&mut self, id: ClientId) -> Result<&mut Trainer, Failure> {
        let shard = self.common.shards.get(&id).ok_or(Failure::PlanBeforeData)?;
        let seed = self.common.digests.get(&id).copied().unwrap_or_default();
        let trainer = match self.trainer.take() {
            Some((of, trainer)) if of == id => trainer,
            Some((_, mut trainer)) => {
                trainer.adopt((**shard).clone(), seed)?;
                trainer
            }
            None => block_on(Trainer::new(Device::cpu(), &self.common.task, (**shard).clone(), seed))?,
        };
        Ok(&mut self.trainer.insert((id, trainer)).1)
    }
}
