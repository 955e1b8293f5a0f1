//! Worth: what groups were worth at the mask event that ended a round, worked out again from what clients contributed.

use std::ops::Range;

use coordinator::gather::Gather;
use coordinator::sums::{Evidence, Gathered as Adding, folded};
use protocol::choices::{Fold, Moment};
use protocol::covered::Covered;
use protocol::dynamics::{Fate, Row};
use protocol::evidence::Source;
use protocol::mask::Mask;
use protocol::recipe::{Course, Recipe};
use protocol::rules::Pruning;
use protocol::scoring::{self, Gathered, Material};

use crate::duet::Committed;

/// What every group was worth, and what the dynamics said of it before.
#[derive(Clone, Debug)]
pub struct Worth {
    scores: Vec<f64>,
    fates: Vec<Fate>,
    /// Groups that are ranked among themselves, whatever is compared besides.
    rows: Vec<Range<usize>>,
}

/// A group that ended up otherwise elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Astray {
    /// The group.
    pub group: usize,
    /// Its score.
    pub score: f64,
    /// How far that lies from the nearest score on the other side of the threshold, relative to the least that stayed.
    pub distance: f64,
}

impl Worth {
    /// Of a round that ended in an event.
    ///
    /// # Panics
    /// If its stage prunes nothing.
    pub fn of(recipe: &Recipe, course: &Course, round: &Committed) -> Self {
        let (groups, before) = (recipe.groups(), &round.before);
        let pruning = recipe.stage(before.place().stage).mask.as_ref().expect("a stage that prunes");
        let (trained, ledger) = (trained(recipe, round), ledger(recipe, round, pruning.evidence.source()));
        let taus = recipe.taus();
        let material = Material {
            graph: recipe.model().graph(),
            groups,
            mask: before.mask(),
            weights: if pruning.at == Moment::Received { before.held() } else { &trained },
            gathered: gathered(pruning.evidence.source(), &ledger),
            seed: 0,
            taus: &taus,
        };
        let strengths = scoring::strengths(&material);
        let fates = fates(pruning, &material, &strengths, course.rounds_into_stage(before.place()));
        let scores = scoring::scores(&pruning.ranking(), &material, &fates);
        let rows = groups.rows.iter().map(|it| it.range()).collect();
        Self { scores, fates, rows }
    }

    /// Groups that another mask has otherwise than this one, which the scores led to, with their distances.
    pub fn astray(&self, mask: &Mask, other: &Mask) -> Vec<Astray> {
        let differs = |it: &usize| mask.has(*it) != other.has(*it);
        let of_field = |field: Range<usize>| -> Vec<Astray> {
            let [least, most] = self.edge(field.clone(), mask);
            let distance = |it: usize| (self.scores[it] - if mask.has(it) { most } else { least }).abs() / least;
            let astray = |group: usize| Astray { group, score: self.scores[group], distance: distance(group) };
            field.filter(differs).map(astray).collect()
        };
        self.fields(mask).into_iter().flat_map(of_field).collect()
    }

    /// Groups that share a threshold: all, where there is one that parts all, else those of a row.
    fn fields(&self, mask: &Mask) -> Vec<Range<usize>> {
        let all = 0..self.scores.len();
        if self.is_parted(all.clone(), mask) { vec![all] } else { self.rows.clone() }
    }

    /// Whether everything that could go and stayed is worth as much as all that went of its row: whether this is what the
    /// session ranked by.
    pub fn leads_to(&self, mask: &Mask) -> bool {
        self.rows.iter().all(|it| self.is_parted(it.clone(), mask))
    }

    fn is_parted(&self, field: Range<usize>, mask: &Mask) -> bool {
        // A mean is rounded where it is added to the weights, and here as well.
        const ROUNDING: f64 = 1e-12;
        let [least, most] = self.edge(field, mask);
        least * (1.0 + ROUNDING) >= most
    }

    /// The least score that stayed and the most that went, of groups that could do either.
    fn edge(&self, field: Range<usize>, mask: &Mask) -> [f64; 2] {
        let open = || field.clone().filter(|it| self.fates[*it] == Fate::Stands);
        let stayed = open().filter(|it| mask.has(*it)).map(|it| self.scores[it]);
        let went = open().filter(|it| !mask.has(*it)).map(|it| self.scores[it]);
        [stayed.fold(f64::INFINITY, f64::min), went.fold(0.0, f64::max)]
    }
}

fn fates(pruning: &Pruning, material: &Material<'_>, strengths: &[f64], round: u32) -> Vec<Fate> {
    let of_row = |range: Range<usize>| {
        let row = Row {
            n: range.len(),
            is_alive: &|it| material.mask.has(range.start + it),
            strength: &|it| strengths[range.start + it],
        };
        pruning.dynamics.fates(&row, round)
    };
    material.groups.rows.iter().flat_map(|it| of_row(it.range())).collect()
}

/// All weights after the round, before anything was pruned.
fn trained(recipe: &Recipe, Committed { before, counted, .. }: &Committed) -> Vec<f32> {
    let stage = recipe.stage(before.place().stage);
    let mut gather = Gather::shared(stage.aggregation.folding(), before.n_alive_weights());
    for (client, it) in counted {
        if let Some(update) = update(recipe, before, it) {
            gather.add(*client, before.kept(), update, stage.aggregation.weight(it.n_samples));
        }
    }
    let mut weights = before.held().to_vec();
    if let Some(mean) = gather.close() {
        let moved = |weight: &mut f32, change| *weight = (f64::from(*weight) + change) as f32;
        before.kept().scatter(mean, &mut weights, moved);
    }
    weights
}

fn update(
    recipe: &Recipe,
    before: &coordinator::session::State,
    it: &protocol::wire::Contribution,
) -> Option<Vec<f32>> {
    let blocks = before.kept().blocks(&recipe.model().graph().param_ranges());
    let codec = &recipe.stage(before.place().stage).coding.up;
    it.update.as_ref().map(|it| codec.unpack(it.bytes(), &blocks).expect("it was counted"))
}

/// All evidence up to this round.
fn ledger(recipe: &Recipe, Committed { before, counted, .. }: &Committed, source: Source) -> Vec<f64> {
    let Some(earlier) = before.parts().ledger else { return vec![] };
    let (graph, groups) = (recipe.model().graph(), recipe.groups());
    let stage = recipe.stage(before.place().stage);
    let rate = f64::from(stage.local.optimizer.learning_rate(before.place().round));
    let is_summed = source == Source::Rounds || (source.reads_updates() && source.fold() == Fold::Square);
    let mut evidence = Evidence::new(if is_summed { Adding::Summed } else { Adding::Averaged }, earlier.len());
    for (_, it) in counted {
        let weight = stage.aggregation.weight(it.n_samples);
        evidence.weigh(weight);
        if let Some(update) = update(recipe, before, it).filter(|_| source.reads_updates()) {
            let mut full = vec![None; graph.n_params()];
            before.kept().scatter(update, &mut full, |place, it| *place = Some(it));
            let read = full.into_iter().enumerate().filter_map(|(at, it)| Some((at, it?)));
            read.for_each(|(at, it)| evidence.add_at(at, folded(source.fold(), -f64::from(it) / rate), weight));
        }
        if let Some(sent) = &it.evidence {
            let weight = if source == Source::Rounds { 1 } else { weight };
            let values = sent.bytes().as_chunks().0.iter().map(|it| f64::from(f32::from_le_bytes(*it)));
            let covered = Covered::of(source, graph, groups, before.mask(), before.kept());
            covered.each(values, |at, it| evidence.add_at(at, it, weight));
        }
    }
    earlier.iter().zip(evidence.gathered()).map(|(earlier, it)| earlier + it).collect()
}

/// The ledger as a criterion reads it.
fn gathered(source: Source, ledger: &[f64]) -> Gathered<'_> {
    match source {
        Source::Nothing => Gathered::Nothing,
        it if it.is_of_groups() => Gathered::Groups(ledger),
        it if it.is_scored() => Gathered::Products(ledger),
        it if it.fold() == Fold::Square => Gathered::Squares(ledger),
        Source::Updates { .. }
        | Source::Steps { .. }
        | Source::Rounds
        | Source::Batches { .. }
        | Source::Curvature { .. } => Gathered::Gradients(ledger),
    }
}
