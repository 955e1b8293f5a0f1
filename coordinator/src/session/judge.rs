//! Judging a contribution: everything is checked before anything changes.

use protocol::mask::Mask;
use protocol::wire::refusal::{Part, Wanted};
use protocol::wire::{Contribution, Evaluation, Floats, Plan, Refusal};

use super::{Attempt, ClientId, Counted, Session, Stage};
use crate::sums::VALUE_LIMIT;

/// A contribution that counts.
pub(super) struct Judged {
    update: Option<Vec<f32>>,
    ballot: Option<Mask>,
    counted: Counted,
    train_micros: u32,
}

impl Session {
    /// Whether a contribution counts, and what it says.
    pub(super) fn judge(&self, client: ClientId, it: &Contribution) -> Result<Judged, Refusal> {
        let open = self.state.rounds_committed();
        let Stage::Open(attempt) = &self.stage else {
            return Err(match self.stage {
                Stage::Done(_) => Refusal::Over,
                Stage::Lobby | Stage::Closing | Stage::Open(_) => Refusal::Stale { got: it.round, open },
            });
        };
        if it.round != attempt.plan.round {
            return Err(Refusal::Stale { got: it.round, open });
        }
        match attempt.cohort.get(&client) {
            None => return Err(Refusal::NotInCohort),
            Some(Some(_)) => return Err(Refusal::Duplicate),
            Some(None) => {}
        }
        let has_classes = self.recipe.model().n_classes().is_some();
        judge_metrics(it, &attempt.plan, self.sample_limit(attempt), has_classes)?;
        Ok(Judged {
            update: self.judge_update(&attempt.plan, it.update.as_ref())?,
            ballot: self.judge_vote(&attempt.plan, it)?,
            counted: Counted { n_samples: it.n_samples, loss: it.loss, received: it.received, trained: it.trained },
            train_micros: it.train_micros,
        })
    }

    /// Adds what was judged to the open attempt.
    pub(super) fn count(&mut self, client: ClientId, judged: Judged) {
        let Stage::Open(Attempt { cohort, sum, tally, .. }) = &mut self.stage else { return };
        let Judged { update, ballot, counted, train_micros } = judged;
        if let Some(update) = update {
            sum.add(&update, self.recipe.raw().aggregation.weight(counted.n_samples));
        }
        if let Some(ballot) = ballot {
            tally.count(&ballot);
        }
        cohort.insert(client, Some(counted));
        self.roster.note_counted(client, counted.loss, counted.n_samples, train_micros);
    }

    fn judge_update(&self, plan: &Plan, update: Option<&Floats>) -> Result<Option<Vec<f32>>, Refusal> {
        let Some(update) = presence(Part::Update, plan.wants_update, update)? else { return Ok(None) };
        let expected = self.state.n_alive_weights();
        let values = update
            .unpack()
            .filter(|it| it.len() == expected)
            .ok_or(Refusal::WrongLength { got: update.len() as u64, expected: expected as u64 })?;
        // NaN is in no range.
        let limit = VALUE_LIMIT as f32;
        let is_bad = |it: &f32| !(-limit..=limit).contains(it);
        match values.iter().position(is_bad) {
            Some(at) => Err(Refusal::BadValue { part: Part::Update, at: at as u64, limit: VALUE_LIMIT }),
            None => Ok(Some(values)),
        }
    }

    fn judge_vote(&self, plan: &Plan, it: &Contribution) -> Result<Option<Mask>, Refusal> {
        let Some(vote) = presence(Part::Vote, !plan.quotas.is_empty(), it.vote.as_ref())? else { return Ok(None) };
        let mask = self.state.mask();
        let expected = mask.len().div_ceil(8) as u32;
        let ballot = Mask::from_bytes(mask.len(), &vote.0).ok_or(Refusal::WrongBallotLength { expected })?;
        if let Some(unit) = ballot.iter().find(|&it| !mask.has(it)) {
            return Err(Refusal::DeadUnit { unit: unit as u32 });
        }
        let spaces = self.recipe.model().graph().unit_ranges();
        for (space, (units, quota)) in spaces.into_iter().zip(&plan.quotas).enumerate() {
            let got = ballot.count_in(units) as u32;
            if got != u32::from(*quota) {
                return Err(Refusal::WrongBallotSize { space: space as u32, got, quota: (*quota).into() });
            }
        }
        Ok(Some(ballot))
    }
}

/// A part is there exactly when it is asked for.
fn presence<T>(part: Part, is_wanted: bool, got: Option<&T>) -> Result<Option<&T>, Refusal> {
    match (is_wanted, got) {
        (true, None) => Err(Refusal::Presence { part, wanted: Wanted::Present }),
        (false, Some(_)) => Err(Refusal::Presence { part, wanted: Wanted::Absent }),
        (true, Some(_)) | (false, None) => Ok(got),
    }
}

fn judge_metrics(it: &Contribution, plan: &Plan, max: u32, has_classes: bool) -> Result<(), Refusal> {
    let trained = plan.epochs > 0;
    if trained && !(1..=max).contains(&it.n_samples) {
        return Err(Refusal::BadSamples { n: it.n_samples, max });
    }
    for (at, value) in [it.loss, it.received.loss, it.trained.loss].into_iter().enumerate() {
        if !value.is_finite() {
            return Err(Refusal::BadValue { part: Part::Metrics, at: at as u64, limit: u32::MAX });
        }
    }
    let is_possible = |it: &Evaluation| it.correct.is_some() == has_classes && it.correct <= Some(it.n) && it.n <= max;
    match [it.received, it.trained].iter().find(|it| !is_possible(it)) {
        Some(evaluation) => Err(Refusal::BadSamples { n: evaluation.n, max }),
        None => Ok(()),
    }
}
