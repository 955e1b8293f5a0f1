//! Judging a contribution: everything is checked before anything changes.

use protocol::covered::Covered;
use protocol::evidence::Source;
use protocol::groups::Groups;
use protocol::mask::{Mask, PackedMask};
use protocol::order;
use protocol::recipe::{Needs, Recipe};
use protocol::tally::Ballots;
use protocol::wire::refusal::{Part, Wanted};
use protocol::wire::{Contribution, Evaluation, Packed, Refusal, Vote};

use super::plans::Asked;
use super::{Attempt, ClientId, Counted, Session, Stage};
use crate::sums::{Evidence, VALUE_LIMIT, folded};

/// A contribution that counts.
pub(super) struct Judged {
    contribution: Contribution,
    update: Option<Vec<f32>>,
    ballot: Option<Ballot>,
    evidence: Option<Vec<f32>>,
}

/// A ballot that counts.
enum Ballot {
    /// Which groups go.
    Drops(Mask),
    /// The rank of every group in its row.
    Ranks(Vec<u32>),
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
        if it.round != open {
            return Err(Refusal::Stale { got: it.round, open });
        }
        let asked = attempt.asked.get(&client).ok_or(Refusal::NotInCohort)?;
        if attempt.counted.contains_key(&client) {
            return Err(Refusal::Duplicate);
        }
        if it.mask != asked.plan.mask.id {
            return Err(Refusal::WrongMask);
        }
        let has_classes = self.recipe.model().n_classes().is_some();
        judge_metrics(it, asked, self.sample_limit(attempt), has_classes)?;
        let update = self.judge_update(asked, it.update.as_ref())?;
        let ballot = self.judge_vote(&attempt.needs, asked, it)?;
        let evidence = self.judge_evidence(asked, it.evidence.as_ref())?;
        Ok(Judged { contribution: it.clone_head(), update, ballot, evidence })
    }

    /// Adds what was judged to the open attempt.
    pub(super) fn count(&mut self, client: ClientId, judged: Judged, bytes: u64) {
        let stage = self.recipe.stage(self.state.place().stage);
        let Stage::Open(attempt) = &mut self.stage else { return };
        let Attempt { asked, counted, gather, evidence, tally, .. } = &mut **attempt;
        let Judged { contribution: it, update, ballot, evidence: sent } = judged;
        let Some(asked) = asked.get(&client) else { return };
        let weight = stage.aggregation.weight(it.n_samples);
        let source = stage.mask.as_ref().map_or(Source::Nothing, |it| it.evidence.source());
        if let Some(evidence) = evidence {
            evidence.weigh(weight);
            if let Some(update) = update.as_ref().filter(|_| source.reads_updates()) {
                read(source, asked, update, weight, evidence);
            }
            if let Some(sent) = sent {
                // What counts by samples already is added as it is.
                let weight = if source == Source::Rounds { 1 } else { weight };
                let covered = covered(&self.recipe, source, asked);
                covered.each(sent, |at, value| evidence.add_at(at, f64::from(value), weight));
            }
        }
        if let Some(update) = update {
            gather.add(client, &asked.kept, update, weight);
        }
        match ballot {
            Some(Ballot::Drops(ballot)) => tally.count(&ballot),
            Some(Ballot::Ranks(ranks)) => tally.count_ranks(&ranks),
            None => {}
        }
        let Contribution { n_samples, loss, received, trained, .. } = it;
        counted.insert(client, Counted { n_samples, loss, received, trained, bytes });
        self.roster.note_counted(client, &it);
    }

    fn judge_update(&self, asked: &Asked, update: Option<&Packed>) -> Result<Option<Vec<f32>>, Refusal> {
        let Some(update) = presence(Part::Update, asked.plan.wants_update, update)? else { return Ok(None) };
        let codec = &self.recipe.stage(asked.plan.stage).coding.up;
        let blocks = asked.kept.blocks(&self.recipe.model().graph().param_ranges());
        let expected = asked.kept.len() as u64;
        let expected_bytes = codec.packed_len(&blocks);
        if update.bytes().len() != expected_bytes {
            // In values of the bytes that one takes, for people to compare.
            let per_value = (expected_bytes as u64).div_ceil(expected.max(1)).max(1);
            return Err(Refusal::WrongLength { got: update.bytes().len() as u64 / per_value, expected });
        }
        let bad = |at: usize| Refusal::BadValue { part: Part::Update, at: at as u64, limit: VALUE_LIMIT };
        let values = codec.unpack(update.bytes(), &blocks).ok_or_else(|| bad(0))?;
        // NaN is in no range.
        let is_good = |it: &f32| it.abs() <= VALUE_LIMIT as f32;
        // All of them first, without a branch for each.
        if values.iter().fold(true, |all, it| all & is_good(it)) {
            return Ok(Some(values));
        }
        Err(bad(values.iter().position(|it| !is_good(it)).unwrap_or(0)))
    }

    fn judge_evidence(&self, asked: &Asked, evidence: Option<&Packed>) -> Result<Option<Vec<f32>>, Refusal> {
        let is_wanted = asked.plan.evidence.is_some_and(|it| it.sends);
        let Some(evidence) = presence(Part::Evidence, is_wanted, evidence)? else { return Ok(None) };
        let stage = self.recipe.stage(asked.plan.stage);
        let source = stage.mask.as_ref().map_or(Source::Nothing, |it| it.evidence.source());
        let (values, rest) = evidence.bytes().as_chunks();
        let expected = covered(&self.recipe, source, asked).len();
        if values.len() != expected || !rest.is_empty() {
            return Err(Refusal::WrongEvidenceLength {
                got: evidence.bytes().len() as u64,
                expected: 4 * expected as u64,
            });
        }
        let values: Vec<f32> = values.iter().map(|it| f32::from_le_bytes(*it)).collect();
        let is_good = |it: f32| it.is_finite() && (it >= 0.0 || source.is_signed());
        match values.iter().position(|it| !is_good(*it)) {
            Some(at) => Err(Refusal::BadValue { part: Part::Evidence, at: at as u64, limit: u32::MAX }),
            None => Ok(Some(values)),
        }
    }

    fn judge_vote(&self, needs: &Needs, asked: &Asked, it: &Contribution) -> Result<Option<Ballot>, Refusal> {
        let quotas = needs.quotas.as_ref().filter(|_| asked.plan.vote.is_some());
        let vote = presence(Part::Vote, quotas.is_some(), it.vote.as_ref())?;
        let (Some(quotas), Some(vote)) = (quotas, vote) else { return Ok(None) };
        let wanted = self.recipe.stage(asked.plan.stage).ballots().unwrap_or(Ballots::Drop);
        let (groups, mask) = (self.recipe.groups(), &*asked.mask);
        let n_bits = wanted.n_bits(groups, mask);
        let expected = n_bits.div_ceil(8) as u32;
        let read = |bits: &PackedMask| Mask::from_bytes(n_bits, &bits.0).ok_or(Refusal::WrongBallotLength { expected });
        match (wanted, vote) {
            (Ballots::Drop, Vote::Drop(bits)) => judge_drops(groups, quotas, mask, read(bits)?).map(Some),
            (Ballots::Order, Vote::Order(bits)) => judge_order(groups, mask, &read(bits)?).map(Some),
            (Ballots::Drop, Vote::Order(_)) | (Ballots::Order, Vote::Drop(_)) => Err(Refusal::OtherBallot { wanted }),
        }
    }
}

/// Nothing goes that is dead, and of every row its quota.
fn judge_drops(groups: &Groups, quotas: &[u32], mask: &Mask, ballot: Mask) -> Result<Ballot, Refusal> {
    if let Some(group) = ballot.and_not(mask).iter().next() {
        return Err(Refusal::DeadUnit { unit: group as u32 });
    }
    for (space, (row, quota)) in groups.rows.iter().zip(quotas).enumerate() {
        let got = ballot.count_in(row.range()) as u32;
        if got != *quota {
            return Err(Refusal::WrongBallotSize { space: space as u32, got, quota: *quota });
        }
    }
    Ok(Ballot::Drops(ballot))
}

/// Every group of a row has a rank of its own.
fn judge_order(groups: &Groups, mask: &Mask, ballot: &Mask) -> Result<Ballot, Refusal> {
    let ranks = order::ranks(groups, mask, ballot);
    ranks.map(Ballot::Ranks).map_err(|it| Refusal::NoOrder { unit: it as u32 })
}

/// Of what a client's evidence is.
fn covered(recipe: &Recipe, source: Source, asked: &Asked) -> Covered {
    Covered::of(source, recipe.model().graph(), recipe.groups(), &asked.mask, &asked.kept)
}

/// Reads gradients from an update: (received − trained) / η is their sum.
fn read(source: Source, asked: &Asked, update: &[f32], weight: u32, evidence: &mut Evidence) {
    let rate = f64::from(asked.plan.learning_rate);
    let fold = source.fold();
    let mut add = |at, value: f32| evidence.add_at(at, folded(fold, -f64::from(value) / rate), weight);
    match asked.kept.bits() {
        None => update.iter().enumerate().for_each(|(at, it)| add(at, *it)),
        Some(bits) => bits.iter().zip(update).for_each(|(at, it)| add(at, *it)),
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

fn judge_metrics(it: &Contribution, asked: &Asked, max: u32, has_classes: bool) -> Result<(), Refusal> {
    let trained = asked.plan.work != protocol::local::Work::Evaluate;
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
