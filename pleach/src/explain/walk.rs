//! A walk through a session's rounds with representatives of masks, plans and contributions.

mod alive;

use std::collections::BTreeMap;

use coordinator::session::State;
use protocol::afterwards::Origin;
use protocol::codecs::Codec;
use protocol::covered::Covered;
use protocol::dynamics::Fate;
use protocol::evidence::Sending;
use protocol::groups::Form;
use protocol::local::Work;
use protocol::mask::{PackedMask, coding};
use protocol::prune;
use protocol::random;
use protocol::recipe::{Course, Needs, Place, Recipe, Stage};
use protocol::rules::Pruning;
use protocol::schedules::Budget;
use protocol::scopes::total_left;
use protocol::tally::Ballots;
use protocol::wire::masks::Lot;
use protocol::wire::{self, Ask, Contribution, Evaluation, MaskBits, MaskOn, Packed, Plan, Weights};

use alive::Alive;

use super::sizes::Sizes;
use super::{Bounds, Round};
use crate::summary;

/// Rounds of a session that has not run.
pub(super) struct Walk<'a> {
    recipe: &'a Recipe,
    course: &'a Course,
    clients: Vec<u32>,
    seed: u64,
    round: u32,
    place: Place,
    alive: Alive,
    /// Groups alive in all rows together, where a scope met its total.
    total: Option<u32>,
    /// How often the mask has changed, for certain and perhaps; 0 while it is full.
    versions: [u32; 2],
    /// Which version of the mask each client has.
    known: BTreeMap<u32, [u32; 2]>,
    /// Whether weights still are what a seed says, perhaps and for certain.
    is_unmoved: [bool; 2],
}

/// What one side of the bounds comes to.
struct Side {
    up: f64,
    down: f64,
}

impl<'a> Walk<'a> {
    /// From a state, or from w0 with everyone alive.
    pub(super) fn new(recipe: &'a Recipe, course: &'a Course, clients: u32, seed: u64, start: Option<&State>) -> Self {
        let everyone = || recipe.groups().rows.iter().map(|it| it.len() as u32).collect();
        let full: Vec<u32> = start.map_or_else(everyone, |it| recipe.groups().alive(it.mask()));
        Self {
            recipe,
            course,
            clients: (0..clients).collect(),
            seed,
            round: 0,
            place: Place::default(),
            alive: Alive { least: full.clone(), most: full },
            total: None,
            versions: [0; 2],
            known: BTreeMap::new(),
            is_unmoved: [start.is_none_or(State::is_unmoved); 2],
        }
    }

    fn stage(&self) -> &'a Stage {
        self.recipe.stage(self.place.stage)
    }

    /// Groups alive in all rows together, where that is known.
    fn n_alive(&self) -> Option<u32> {
        self.total.or_else(|| self.alive.is_known().then(|| self.alive.least.iter().sum()))
    }

    /// Groups alive per row where messages are shortest and where they are longest.
    fn ends(&self) -> [Vec<u32>; 2] {
        let Alive { least, most } = &self.alive;
        let coding = &self.stage().coding;
        let is_even = is_even(&coding.up) && is_even(&coding.down);
        // How long an order is depends on whose groups live, beside on how many weights they have.
        let is_ordered = self.stage().ballots() == Some(Ballots::Order);
        let is_counted = self.recipe.groups().form == Form::Masked && is_even && !is_ordered;
        let Some(total) = self.total.filter(|_| is_counted) else { return [least.clone(), most.clone()] };
        let rows = 0..least.len();
        // A masked group has so many weights, whoever else is alive.
        let stripes = |row: usize| self.recipe.groups().rows[row].stripes.iter();
        let weights: Vec<u32> = rows.clone().map(|it| stripes(it).map(|it| it.outer.n * it.inner.n).sum()).collect();
        let mut order: Vec<usize> = rows.collect();
        order.sort_by_key(|it| weights[*it]);
        let shortest = filled(least, most, total, order.iter().copied());
        [shortest, filled(least, most, total, order.into_iter().rev())]
    }

    /// Whether slower devices train smaller parts.
    fn is_tiered(&self) -> bool {
        self.stage().mask.as_ref().is_some_and(|it| it.dynamics.is_tiered())
    }

    /// Whom the round asks, as a session in which everyone stays would.
    fn cohort(&self) -> Vec<u32> {
        let choice = &self.stage().cohort;
        if choice.is_centre() {
            return vec![u32::MAX];
        }
        choice.choose(&self.clients, random::derive(self.seed, "cohort", u64::from(self.round) << 32))
    }

    /// What the round needs when so many groups are alive, as long as a schedule that waits for an accuracy waits, and once
    /// that has come.
    fn needs(&self, alive: &[u32]) -> [Needs; 2] {
        [None, Some(f64::INFINITY)].map(|it| Needs::of(self.recipe, self.course, self.place, alive, it))
    }

    /// Mean bytes over those asked.
    fn side(&self, alive: &[u32], needs: &Needs, cohort: &[u32], is_most: bool) -> Side {
        let n = cohort.len().max(1) as f64;
        let part = needs.part.as_ref().map(|it| match is_most || !self.is_tiered() {
            true => it.1.clone(),
            false => prune::of_tier(&it.1, 1),
        });
        let sizes = Sizes::of(self.recipe, part.as_deref().unwrap_or(alive));
        let up = wire::contribution_len(&self.contribution(needs, &sizes)) as f64;
        let full = alive.iter().zip(&self.recipe.groups().rows).all(|(alive, row)| *alive as usize == row.len());
        let side = usize::from(is_most);
        let plan = |bits| wire::plan_len(&self.plan(needs, bits, &sizes, side)) as f64;
        let new = match &part {
            Some(keep) => MaskBits::Drawn(Lot::Random { seed: 0, keep: keep.clone() }),
            None if full && (self.alive.is_known() || !is_most) => MaskBits::Full,
            None => self.bits(alive, is_most),
        };
        let knows = |it: &&u32| self.known.get(it).is_some_and(|it| it[side] == self.versions[side]);
        let n_known = if part.is_some() || new == MaskBits::Full { 0 } else { cohort.iter().filter(knows).count() };
        let n_new = cohort.len() - n_known;
        let mut down = 0.0;
        if n_known > 0 {
            down += n_known as f64 * plan(MaskBits::Known);
        }
        if n_new > 0 {
            down += n_new as f64 * plan(new);
        }
        Side { up, down: down / n }
    }

    /// The coded bits of a mask with so many groups alive; only their number counts.
    fn bits(&self, alive: &[u32], is_most: bool) -> MaskBits {
        let (len, n) = (self.recipe.groups().n_groups(), alive.iter().map(|it| *it as usize).sum());
        let bitmap = || MaskBits::Bitmap(PackedMask(vec![0; len.div_ceil(8)]));
        if self.alive.is_known() || self.total.is_some_and(|it| it as usize == n) {
            let is_shorter = coding::is_gaps_shorter(len, n);
            return if is_shorter { MaskBits::Gaps(vec![0; coding::gaps_len(len, n)]) } else { bitmap() };
        }
        if is_most {
            return bitmap();
        }
        // Gaps are shortest where one kind of bit is rarest.
        let ends = [&self.alive.least, &self.alive.most].map(|it| it.iter().map(|it| *it as usize).sum());
        let shortest = ends.map(|it| coding::gaps_len(len, it)).into_iter().min().unwrap_or(0);
        MaskBits::Gaps(vec![0; shortest.min(len.div_ceil(8))])
    }

    fn plan(&self, needs: &Needs, bits: MaskBits, sizes: &Sizes, side: usize) -> Plan {
        let stage = self.stage();
        let weights = match self.is_unmoved[side] {
            true => Weights::Seed(0),
            false => Weights::Values(Packed::new(vec![0; stage.coding.down.packed_len(&sizes.blocks)])),
        };
        Plan {
            round: self.round,
            stage: self.place.stage,
            level: self.place.level,
            seed: 0,
            learning_rate: 0.0,
            work: stage.local.work(),
            mask: MaskOn { id: 0, bits },
            weights,
            vote: needs.quotas.clone(),
            wants_update: needs.update,
            evidence: needs.evidence.map(|it| Ask { since: 0, sends: it == Sending::Now }),
            evaluates: needs.evaluates,
        }
    }

    fn contribution(&self, needs: &Needs, sizes: &Sizes) -> Contribution {
        let correct = self.recipe.model().n_classes().map(|_| 0);
        let evaluation = Evaluation { correct, ..Evaluation::default() };
        Contribution {
            round: self.round,
            mask: 0,
            n_samples: 0,
            loss: 0.0,
            received: evaluation,
            trained: evaluation,
            train_micros: 0,
            update: needs.update.then(|| Packed::new(vec![0; self.stage().coding.up.packed_len(&sizes.blocks)])),
            vote: self
                .stage()
                .ballots()
                .filter(|_| needs.quotas.is_some())
                .map(|it| sizes.vote(it, self.recipe.groups())),
            evidence: self.n_gathered(needs, sizes).map(|it| Packed::new(vec![0; 4 * it])),
        }
    }

    /// Numbers of evidence that a client sends.
    fn n_gathered(&self, needs: &Needs, sizes: &Sizes) -> Option<usize> {
        let source = self.stage().evidence().filter(|_| needs.evidence == Some(Sending::Now))?.source;
        let (graph, groups) = (self.recipe.model().graph(), self.recipe.groups());
        Some(Covered::of(source, graph, groups, &sizes.mask, &sizes.kept).len())
    }

    /// Groups alive after an event.
    fn after(&self, budget: Budget) -> Alive {
        let Some(pruning) = &self.stage().mask else { return self.alive.clone() };
        let kept = |alive: &[u32]| prune::kept_before(pruning, self.recipe.groups(), alive, budget);
        if pruning.scope.knows_before() && pruning.decider.is_exact() {
            return Alive { least: kept(&self.alive.least), most: kept(&self.alive.most) };
        }
        let rows: Vec<u32> = self.recipe.groups().rows.iter().map(|it| it.len() as u32).collect();
        let most = if pruning.dynamics.may_regrow() { rows.clone() } else { self.alive.most.clone() };
        let least: Vec<u32> =
            rows.iter().zip(&self.alive.least).map(|(row, alive)| self.least_of_row(pruning, *row, *alive)).collect();
        self.within_total(pruning, budget, Alive { least, most })
    }

    /// Groups of a row that live whatever is decided: those that dynamics protect, or one.
    fn least_of_row(&self, pruning: &Pruning, row: u32, alive: u32) -> u32 {
        let round = self.course.rounds_into_stage(self.place);
        let strengths = |it: usize| it as f64;
        let row =
            protocol::dynamics::Row { n: row as usize, is_alive: &|it| it < alive as usize, strength: &strengths };
        let lives = pruning.dynamics.fates(&row, round).iter().filter(|it| **it == Fate::Lives).count() as u32;
        lives.max(1)
    }

    /// Bounds of rows, narrowed by what is known of all rows together.
    fn within_total(&self, pruning: &Pruning, budget: Budget, it: Alive) -> Alive {
        let total = |budget| -> Option<u32> {
            let groups: u32 = self.recipe.groups().rows.iter().map(|it| it.len() as u32).sum();
            match budget {
                Budget::Keep(share) | Budget::Free { cap: Some(share) } => {
                    Some((f64::from(groups) * share).round() as u32)
                }
                Budget::Drop { share: Some(_), .. } | Budget::Same if pruning.scope.knows_total() => self.total,
                Budget::Drop { .. } | Budget::Same | Budget::Nothing | Budget::Free { cap: None } => None,
            }
        };
        let (Some(total), true) = (total(budget), pruning.decider.is_exact()) else { return it };
        let is_exact = pruning.scope.knows_total();
        let Alive { least, most } = it;
        let (sum_least, sum_most): (u32, u32) = (least.iter().sum(), most.iter().sum());
        let total_most = total.max(sum_least).min(sum_most);
        let narrowed_most = most.iter().zip(&least).map(|(most, least)| (*most).min(total_most - (sum_least - least)));
        let narrowed_least = least.iter().zip(&most).map(|(least, most)| match is_exact {
            true => (*least).max(total_most.saturating_sub(sum_most - most)),
            false => *least,
        });
        Alive { least: narrowed_least.collect(), most: narrowed_most.collect() }
    }

    /// Groups of all rows together that live after an event, where the scope meets its total exactly.
    fn exact_total(&self, needs: &Needs) -> Option<u32> {
        let pruning = self.stage().mask.as_ref()?;
        let groups: u32 = self.recipe.groups().rows.iter().map(|it| it.len() as u32).sum();
        let is_met = !pruning.scope.knows_before() && pruning.scope.knows_total() && pruning.decider.is_exact();
        let budget = needs.event.filter(|_| is_met)?;
        // A share of the whole does not ask who is alive.
        let alive = if matches!(budget, Budget::Keep(_)) { groups } else { self.n_alive()? };
        (!matches!(budget, Budget::Drop { share: None, .. } | Budget::Free { .. }))
            .then(|| total_left(budget, groups, alive))
    }

    /// Whether weights still are what a seed says after a round with these needs.
    fn is_unmoved_after(&self, needs: &Needs, was: bool) -> bool {
        let origin = needs.event.and(self.stage().mask.as_ref()).map(|it| it.afterwards.origin());
        match origin {
            Some(Origin::Start | Origin::Fresh) => true,
            Some(Origin::End(_)) => false,
            Some(Origin::Held) | None => was && !needs.update,
        }
    }

    /// Takes note of what a round leaves, whose event may have to wait.
    fn go_through(&mut self, waiting: &Needs, due: &Needs) {
        let is_unmoved = |side: usize| [waiting, due].map(|it| self.is_unmoved_after(it, self.is_unmoved[side]));
        self.is_unmoved = [is_unmoved(0).contains(&true), !is_unmoved(1).contains(&false)];
        let Some(budget) = due.event else { return };
        let is_certain = waiting == due;
        let before = self.n_alive();
        self.total = self.exact_total(due).filter(|it| is_certain || before == Some(*it));
        let after = match self.after(budget) {
            it if is_certain => it,
            it => it.or(&self.alive),
        };
        let is_apart = after.differs(&self.alive);
        self.versions[1] += u32::from(after != self.alive || !after.is_known());
        self.alive = after;
        let is_other = before.zip(self.n_alive()).is_some_and(|it| it.0 != it.1);
        self.versions[0] += u32::from(is_apart || is_other);
    }
}

/// The least and the most of what the sides come to.
fn ends_of(sides: &[Side], of: impl Fn(&Side) -> f64) -> [f64; 2] {
    let fold = |start: f64, pick: fn(f64, f64) -> f64| sides.iter().map(&of).fold(start, pick);
    [fold(f64::INFINITY, f64::min), fold(0.0, f64::max)]
}

impl Iterator for Walk<'_> {
    type Item = Round;

    fn next(&mut self) -> Option<Round> {
        if !self.course.has(self.place) {
            return None;
        }
        let cohort = self.cohort();
        let [least, most] = self.ends();
        let ([waiting_least, due_least], [waiting, due]) = (self.needs(&least), self.needs(&most));
        let mut sides = vec![self.side(&least, &due_least, &cohort, false), self.side(&most, &due, &cohort, true)];
        let is_certain = waiting == due;
        if !is_certain {
            sides.push(self.side(&least, &waiting_least, &cohort, false));
            sides.push(self.side(&most, &waiting, &cohort, true));
        }
        let [bytes_up, bytes_down] = [ends_of(&sides, |it| it.up), ends_of(&sides, |it| it.down)];
        let is_one = bytes_up[0] == bytes_up[1] && bytes_down[0] == bytes_down[1];
        let is_tiered = due.part.is_some() && self.is_tiered();
        let was_known = !is_tiered && (is_one || (is_certain && self.alive.is_known()));
        cohort.iter().for_each(|it| {
            self.known.insert(*it, self.versions);
        });
        let groups = self.recipe.groups();
        self.go_through(&waiting, &due);
        let shared = |alive: &[u32]| groups.density(alive);
        let [mut after_least, mut after_most] = [shared(&self.alive.least), shared(&self.alive.most)];
        if let Some(total) = self.total {
            let whole: u32 = groups.others.iter().map(|it| it.n_groups).sum();
            let n = groups.n_groups() as f64 + f64::from(whole);
            after_least = f64::from(total + whole) / n;
            after_most = after_least;
        }
        let bounds = Bounds { bytes_up, bytes_down, density: [after_least, after_most] };
        let is_exact = was_known && after_least == after_most;
        let round = Round {
            figures: summary::Round {
                round: self.round,
                stage: self.stage().name.clone(),
                bytes_up: bounds.bytes_up[1],
                bytes_down: bounds.bytes_down[1],
                density: after_most,
            },
            is_event: due.event.is_some(),
            bounds: (!is_exact).then_some(bounds),
        };
        self.round += 1;
        self.place = self.course.after(self.place);
        Some(round)
    }
}

/// Whether every value takes the same bytes, whatever block it is in.
fn is_even(codec: &Codec) -> bool {
    let one_block = 0..64;
    let blocks: Vec<_> = one_block.clone().map(|it| it..it + 1).collect();
    codec.packed_len(&[one_block]) == codec.packed_len(&blocks)
}

/// The least of every row and, row by row in this order, as many more as the total lacks.
fn filled(least: &[u32], most: &[u32], total: u32, order: impl Iterator<Item = usize>) -> Vec<u32> {
    let mut alive = least.to_vec();
    let mut left = total.saturating_sub(least.iter().sum());
    for row in order {
        let more = (most[row] - least[row]).min(left);
        alive[row] += more;
        left -= more;
    }
    alive
}

/// Whether a stage trains at all.
pub(super) fn trains(stage: &Stage) -> bool {
    stage.local.work() != Work::Evaluate
}
