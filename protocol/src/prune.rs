//! Prune: one pure function for every mask event of every method.
//!
//! ```text
//! dynamics ─▶ fates of groups      criterion + evidence ─▶ scores
//! schedule ─▶ budget ─▶ scope ─▶ number kept per row     decider ─▶ which groups     at least one per row
//! ```

use std::ops::Range;

use crate::choices::{Of, Regrow};
use crate::cut::cut;
use crate::deciders::{Question, Verdict};
use crate::dynamics::{self, Fate};
use crate::groups::Groups;
use crate::mask::Mask;
use crate::random;
use crate::rules::Pruning;
use crate::schedules::Budget;
use crate::scopes::{Asked, Standing};
use crate::scoring::{self, Material};
use crate::tally::Tally;

/// Input of a mask event besides the weights.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// Budget from the schedule.
    pub budget: Budget,
    /// Number of rounds of the stage that have been committed.
    pub round: u32,
    /// Votes; empty when no client was asked to vote.
    pub tally: &'a Tally,
    /// Seconds of a round that do not depend on the mask.
    pub constant: f64,
}

/// Result of a mask event.
#[derive(Clone, Debug, PartialEq)]
pub struct Election {
    /// The new mask.
    pub mask: Mask,
    /// Groups that come back and start from 0 instead of the value they hold.
    pub zeroed: Option<Mask>,
    /// Number of groups that changed.
    pub n_changed: usize,
}

/// Elects the next mask.
pub fn elect(rules: &Pruning, material: &Material<'_>, event: &Event<'_>) -> Election {
    let Material { groups, mask, .. } = *material;
    let fates = fates(rules, material, event.round);
    let scores = scoring::scores(&rules.ranking(), material, &fates);
    let deviations = scoring::deviations(material);
    let standing = |(at, range): (usize, &Range<usize>)| Standing {
        fates: &fates[range.clone()],
        scores: &scores[range.clone()],
        alive: mask.count_in(range.clone()) as u32,
        deviation: deviations[at],
        init_std: f64::from(groups.rows[at].deviation),
        tau: material.taus[at],
        own_len: groups.rows[at].own_len,
    };
    let ranges: Vec<Range<usize>> = groups.rows.iter().map(|it| it.range()).collect();
    let rows: Vec<Standing<'_>> = ranges.iter().enumerate().map(standing).collect();
    let unprunable = if rules.scope.is_free() { material.gathered.outside(groups) } else { 0.0 };
    let asked = Asked { budget: event.budget, constant: event.constant, unprunable };
    let required = required(rules, &rows, &asked);
    let question = Question { rows: &ranges, fates: &fates, scores: &scores, tally: event.tally, required: &required };
    let next = match rules.decider.decide(question) {
        Verdict::Scores(by) => chosen(&ranges, &fates, &by, &rules.scope.keep(&rows, &asked)),
        Verdict::Stands(stands) => floored(question, |it| fates[it] == Fate::Lives || stands[it]),
    };
    let came_back = next.and_not(mask);
    let n_changed = came_back.count() + mask.and_not(&next).count();
    let zeroed = (rules.regrow == Regrow::Zero && came_back.count() > 0).then_some(came_back);
    Election { mask: next, zeroed, n_changed }
}

fn fates(rules: &Pruning, material: &Material<'_>, round: u32) -> Vec<Fate> {
    let Material { groups, mask, .. } = *material;
    let strengths = if rules.dynamics.needs_strengths() { strengths(rules, material) } else { vec![] };
    let mut fates = Vec::with_capacity(groups.n_groups());
    for range in groups.rows.iter().map(|it| it.range()) {
        let row = dynamics::Row {
            n: range.len(),
            is_alive: &|it| mask.has(range.start + it),
            strength: &|it| strengths[range.start + it],
        };
        fates.extend(rules.dynamics.fates(&row, round));
    }
    fates
}

/// Strengths by which dynamics compare living groups: magnitude, or the criterion where another factor ranks the groups
/// that come back.
fn strengths(rules: &Pruning, material: &Material<'_>) -> Vec<f64> {
    if rules.dynamics.grows_by().is_none() {
        return scoring::strengths(material);
    }
    let takes_part = |it| if material.mask.has(it) { Fate::Stands } else { Fate::Dies };
    let fates: Vec<Fate> = (0..material.groups.n_groups()).map(takes_part).collect();
    scoring::scores(&rules.criterion.factors(), material, &fates)
}

/// Share of each row's groups that the decider itself requires to be dropped.
fn required(rules: &Pruning, rows: &[Standing<'_>], asked: &Asked) -> Vec<f64> {
    let budget = match (rules.decider.required(), asked.budget) {
        (Of::Total, Budget::Drop { share, nth, .. }) => Budget::Drop { share, of: Of::Total, nth },
        (Of::Total | Of::Remaining, it) => it,
    };
    if !rules.scope.knows_before() {
        return vec![0.0; rows.len()];
    }
    let gone = |(keep, row): (u32, &Standing<'_>)| 1.0 - f64::from(keep) / f64::from(row.size().max(1));
    match budget {
        Budget::Keep(share) if !rules.scope.has_shares() => vec![1.0 - share; rows.len()],
        Budget::Drop { share: Some(share), of: Of::Total, nth } => vec![(share * f64::from(nth)).min(1.0); rows.len()],
        Budget::Nothing | Budget::Keep(_) | Budget::Same | Budget::Drop { .. } | Budget::Free { .. } => {
            rules.scope.keep(rows, &Asked { budget, ..*asked }).into_iter().zip(rows).map(gone).collect()
        }
    }
}

/// The best candidates of every row, up to the number of groups that should be alive.
fn chosen(ranges: &[Range<usize>], fates: &[Fate], scores: &[f64], keep: &[u32]) -> Mask {
    let mut mask = Mask::empty(fates.len());
    for (range, keep) in ranges.iter().zip(keep) {
        let standing = || range.clone().filter(|it| fates[*it] == Fate::Stands);
        let lives = range.clone().filter(|it| fates[*it] == Fate::Lives).count();
        let n_chosen = (*keep as usize).saturating_sub(lives);
        let n_gone = standing().count().saturating_sub(n_chosen);
        let mut judge = cut(|| standing().map(|it| scores[it]), n_gone).judge();
        for it in range.clone() {
            let is_alive = match fates[it] {
                Fate::Lives => true,
                Fate::Dies => false,
                Fate::Stands => judge(scores[it]),
            };
            if is_alive {
                mask.set(it);
            }
        }
    }
    mask
}

/// The surviving groups; a row that would be empty keeps its best group: most votes to keep, then the highest score,
/// then the higher index.
fn floored(question: Question<'_>, stands: impl Fn(usize) -> bool) -> Mask {
    let mut mask = Mask::empty(question.fates.len());
    for range in question.rows {
        let takes_part = |it: &usize| question.fates[*it] != Fate::Dies;
        range.clone().filter(|it| takes_part(it) && stands(*it)).for_each(|it| mask.set(it));
        if mask.count_in(range.clone()) == 0 {
            let best = range.clone().filter(takes_part).max_by(|&a, &b| {
                let keeps = |it: usize| question.tally.keeps(it);
                keeps(a).cmp(&keeps(b)).then(question.scores[a].total_cmp(&question.scores[b])).then(a.cmp(&b))
            });
            best.into_iter().for_each(|it| mask.set(it));
        }
    }
    mask
}

/// How many groups of each row voters are asked to drop, known before clients train. All zero when nothing should be
/// dropped.
pub fn quotas(rules: &Pruning, groups: &Groups, alive: &[u32], budget: Budget) -> Vec<u32> {
    let keep = kept_before(rules, groups, alive, budget);
    alive.iter().zip(keep).map(|(alive, keep)| alive.saturating_sub(keep)).collect()
}

/// Number of tiers into which device speeds are divided.
pub const TIERS: u32 = 16;

/// Number of groups of each row that a device of this tier trains, relative to the fastest tier; at least one per row.
pub fn of_tier(keep: &[u32], tier: u32) -> Vec<u32> {
    keep.iter().map(|it| (it * tier.clamp(1, TIERS)).div_ceil(TIERS).max(1)).collect()
}

/// Number of groups of each row after an event, for scopes that know this number before clients train. Under a dynamic with
/// regrowth the budget alone gives the number.
pub fn kept_before(rules: &Pruning, groups: &Groups, alive: &[u32], budget: Budget) -> Vec<u32> {
    let asked = Asked { budget, constant: 0.0, unprunable: 0.0 };
    let regrows = rules.dynamics.may_regrow() || rules.dynamics.draws().is_some();
    let fates = |(row, alive): (usize, &u32)| {
        let n = if regrows { row } else { *alive as usize };
        let mut fates = vec![Fate::Stands; n];
        fates.resize(row, Fate::Dies);
        fates
    };
    let fates: Vec<Vec<Fate>> = groups.rows.iter().map(|it| it.len()).zip(alive).map(fates).collect();
    let zeros = vec![0.0; groups.rows.iter().map(|it| it.len()).max().unwrap_or(0)];
    let rows: Vec<Standing<'_>> =
        fates.iter().enumerate().map(|(at, fates)| row_before(groups, at, fates, &zeros, alive[at])).collect();
    rules.scope.keep(&rows, &asked)
}

fn row_before<'a>(groups: &Groups, at: usize, fates: &'a [Fate], zeros: &'a [f64], alive: u32) -> Standing<'a> {
    let row = &groups.rows[at];
    let scores = &zeros[..row.len()];
    let init_std = f64::from(row.deviation);
    Standing { fates, scores, alive, deviation: 0.0, init_std, tau: 1.0, own_len: row.own_len }
}

/// A random mask with this many groups of each row: the same on both sides for the same seed.
pub fn drawn(groups: &Groups, keep: &[u32], seed: u64) -> Mask {
    let mut mask = Mask::empty(groups.n_groups());
    for (stream, (row, keep)) in groups.rows.iter().zip(keep).enumerate() {
        let lot = |it: usize| random::unit_f64(seed, stream as u64, it as u64);
        let n_gone = row.len().saturating_sub(*keep as usize);
        let mut judge = cut(|| (0..row.len()).map(lot), n_gone).judge();
        row.range().enumerate().filter(|it| judge(lot(it.0))).for_each(|it| mask.set(it.1));
    }
    mask
}

#[cfg(test)]
mod tests;
