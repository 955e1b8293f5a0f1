//! The supply: whose data a client trains on, the host's until the person brings some.

use protocol::data::shard::Shard;
use protocol::local::Local;

use super::{Effect, Known, Session};
use crate::failure::Failure;
use crate::view::{Own, Samples};

/// What a client has of data, and what it waits for.
#[derive(Debug, Default)]
pub(super) struct Supply {
    /// Digest of the host's data, by which it is not sent again; 0 while it has never been here.
    pub(super) digest: u64,
    /// Scale and shift of the host's data, which every client's inputs have.
    standard: Option<(f32, f32)>,
    /// What the person brought last, until the trainer can take it.
    brought: Option<Shard>,
    /// Whose data the trainer has.
    source: Option<Source>,
}

/// Where data came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Host,
    Person,
}

impl Supply {
    /// Whether the trainer has any data.
    pub(super) fn is_there(&self) -> bool {
        self.source.is_some()
    }
}

impl Session {
    /// The host's data came. What the person brought goes before it.
    pub(super) fn take(&mut self, shard: Shard) -> Vec<Effect> {
        let Some(known) = &self.session else { return vec![] };
        if let Some(problem) = known.problem(&shard) {
            return self.fail(Failure::Data { detail: problem });
        }
        (self.supply.digest, self.supply.standard) = (shard.digest(), Some((shard.scale, shard.shift)));
        let own = self.settle();
        if self.supply.source == Some(Source::Person) { own } else { self.prepare(shard, Source::Host) }
    }

    /// The person brought data: it is trained on from the next plan on.
    pub(super) fn bring(&mut self, shard: Shard) -> Vec<Effect> {
        self.supply.brought = Some(shard);
        self.showing.own = Some(Own::Waiting);
        self.settle()
    }

    /// Gives the trainer what the person brought, once the session says what fits, the host's data how inputs are scaled, and
    /// no plan is worked on. What does not fit changes nothing.
    pub(super) fn settle(&mut self) -> Vec<Effect> {
        let Some(known) = &self.session else { return vec![] };
        let is_host_awaited = self.shard_bytes > 0 && self.supply.digest == 0;
        if is_host_awaited || self.working.is_some() {
            return vec![];
        }
        let Some(mut shard) = self.supply.brought.take() else { return vec![] };
        (shard.scale, shard.shift) = self.supply.standard.unwrap_or((shard.scale, shard.shift));
        if let Some(detail) = known.problem(&shard) {
            self.showing.own = Some(Own::Unfit { detail });
            return vec![];
        }
        self.showing.own = Some(Own::Used);
        self.prepare(shard, Source::Person)
    }

    fn prepare(&mut self, shard: Shard, source: Source) -> Vec<Effect> {
        let Some(Known { task, .. }) = &self.session else { return vec![] };
        let Local { held_out, samples, .. } = task.stage(0).local;
        let n_held_out = shard.n_held_out(held_out);
        let n_train = shard.len() - n_held_out;
        self.showing.samples = Some(Samples {
            n_train: samples.map_or(n_train, |it| n_train.min(it as usize)),
            n_held_out,
            bytes: shard.features.len() + shard.labels.len(),
        });
        self.supply.source = Some(source);
        vec![Effect::Prepare(Box::new(task.clone()), shard)]
    }
}
