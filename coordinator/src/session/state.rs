//! The committed state: all that a checkpoint must hold for a session to go on exactly.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::afterwards::Origin;
use protocol::choices::{Fold, Grain};
use protocol::evidence::Source;
use protocol::graph::Graph;
use protocol::kept::Kept;
use protocol::mask::Mask;
use protocol::random;
use protocol::recipe::{Holds, Place, Recipe};
use protocol::scoring::Gathered;
use protocol::training::untils::Seen;
use protocol::wire::Evaluation;

use super::record::RoundRecord;
use super::saved::{Saved, SeenRound};

/// Weights, mask and whatever a recipe needs besides, after some number of committed rounds.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// What is known of it besides tensors.
    saved: Saved,
    /// Every weight, those of dead groups included: a mask is a view of them.
    held: Arc<Vec<f32>>,
    mask: Mask,
    kept: Arc<Kept>,
    /// Gathered gradients of every weight since the last mask event, where a recipe gathers any.
    ledger: Option<Arc<Vec<f64>>>,
    /// Weights with which stages ended, where a recipe rewinds to them.
    snapshots: BTreeMap<u16, Arc<Vec<f32>>>,
}

/// What a round left behind for whatever ends a stage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passed {
    pub(super) density: f64,
    /// Share of groups that changed, if the round decided about the mask.
    pub(super) change: Option<f64>,
    pub(super) received: Evaluation,
}

/// Tensors of a state beside the weights, as a checkpoint stores them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// Gathered gradients.
    pub ledger: Option<Arc<Vec<f64>>>,
    /// Weights with which stages ended.
    pub snapshots: BTreeMap<u16, Arc<Vec<f32>>>,
}

impl State {
    /// Nothing committed: w0, everyone alive.
    pub fn new(recipe: &Recipe, seed: u64) -> Self {
        let start_seed = random::derive(seed, "w0", 0);
        let mask = Mask::full(recipe.groups().n_groups());
        let parts = Parts { ledger: Self::empty_ledger(recipe), snapshots: BTreeMap::new() };
        Self::from_saved(recipe, Saved::new(start_seed), recipe.model().w0(start_seed), mask, parts)
    }

    /// A ledger with nothing in it, where a recipe gathers anything.
    pub(crate) fn empty_ledger(recipe: &Recipe) -> Option<Arc<Vec<f64>>> {
        Holds::of(recipe).ledger.map(|of| {
            Arc::new(vec![
                0.0;
                match of {
                    Grain::Weights => recipe.model().graph().n_params(),
                    Grain::Groups => recipe.groups().n_groups(),
                }
            ])
        })
    }

    /// From what a checkpoint held.
    ///
    /// # Panics
    /// If weights or mask do not fit the recipe: the caller has checked both.
    pub fn from_saved(recipe: &Recipe, saved: Saved, held: Vec<f32>, mask: Mask, parts: Parts) -> Self {
        let graph = recipe.model().graph();
        assert_eq!(held.len(), graph.n_params());
        let kept = Arc::new(recipe.groups().kept(graph, &mask));
        let Parts { ledger, snapshots } = parts;
        Self { saved, held: Arc::new(held), mask, kept, ledger, snapshots }
    }

    /// What of it is not tensors.
    pub fn saved(&self) -> &Saved {
        &self.saved
    }

    /// Tensors beside the weights.
    pub fn parts(&self) -> Parts {
        Parts { ledger: self.ledger.clone(), snapshots: self.snapshots.clone() }
    }

    /// Rounds committed so far: also the number of the next round.
    pub fn rounds_committed(&self) -> u32 {
        self.saved.rounds
    }

    /// Where the next round stands.
    pub fn place(&self) -> Place {
        self.saved.place
    }

    /// Every weight, those of dead groups included.
    pub fn held(&self) -> &[f32] {
        &self.held
    }

    /// Full-size weights, 0 where they are pruned.
    pub fn weights(&self) -> Vec<f32> {
        self.kept.masked(&self.held)
    }

    /// The weights of the pruned model, in order.
    pub fn alive_weights(&self) -> Vec<f32> {
        self.kept.gather(&self.held)
    }

    /// How many weights are alive.
    pub fn n_alive_weights(&self) -> usize {
        self.kept.len()
    }

    /// Bytes of weights and gathered evidence; snapshots are shared by all states of a stage.
    pub(crate) fn n_bytes(&self) -> usize {
        4 * self.held.len() + 8 * self.ledger.as_ref().map_or(0, |it| it.len())
    }

    /// Which weights are alive.
    pub fn kept(&self) -> &Arc<Kept> {
        &self.kept
    }

    /// Which groups are alive.
    pub fn mask(&self) -> &Mask {
        &self.mask
    }

    /// The last committed round.
    pub fn last(&self) -> Option<&RoundRecord> {
        self.saved.last.as_ref()
    }

    /// Of the last committed model, once it is known.
    pub fn final_evaluation(&self) -> Option<Evaluation> {
        self.saved.final_evaluation.or_else(|| self.saved.last.as_ref().and_then(|it| it.test))
    }

    /// How often the latest measured model was right, times the classes.
    pub(super) fn above_chance(&self) -> Option<f64> {
        self.saved.above_chance
    }

    /// Attempts at the open round that were voided.
    pub(super) fn n_void(&self) -> u32 {
        self.saved.n_void
    }

    /// The seed that stands for the weights, if no update has moved them.
    pub(super) fn unmoved(&self) -> Option<u64> {
        self.saved.unmoved
    }

    /// Whether the weights still are what a seed says, and travel as that.
    pub fn is_unmoved(&self) -> bool {
        self.saved.unmoved.is_some()
    }

    /// What evidence has been gathered, as a criterion reads it.
    pub(super) fn gathered(&self, source: Source) -> Gathered<'_> {
        match &self.ledger {
            None => Gathered::Nothing,
            Some(it) if source.is_of_groups() => Gathered::Groups(it),
            Some(it) if source.is_scored() => Gathered::Products(it),
            Some(it) if source.fold() == Fold::Square => Gathered::Squares(it),
            Some(it) => Gathered::Gradients(it),
        }
    }

    /// The round since which evidence adds up.
    pub(super) fn since(&self) -> u32 {
        self.saved.since
    }

    /// Evidence adds up from the next round on.
    pub(super) fn begin_gathering(&mut self) {
        self.saved.since = self.saved.rounds;
        if let Some(ledger) = &mut self.ledger
            && ledger.iter().any(|it| *it != 0.0)
        {
            Arc::make_mut(ledger).fill(0.0);
        }
    }

    /// Every weight, for whoever looks at it after it has moved.
    pub(super) fn held_by_all(&self) -> Arc<Vec<f32>> {
        self.held.clone()
    }

    /// Moves the alive weights by the mean update.
    pub(super) fn apply(&mut self, mean: &[f64]) {
        let kept = self.kept.clone();
        self.move_by(&kept, mean);
    }

    /// Moves all weights.
    pub(super) fn apply_to_all(&mut self, mean: &[f64]) {
        self.move_by(&Kept::all(mean.len()), mean);
    }

    fn move_by(&mut self, kept: &Kept, mean: &[f64]) {
        self.saved.unmoved = None;
        let held = Arc::make_mut(&mut self.held);
        kept.scatter(mean.iter().copied(), held, |weight, change| *weight = (f64::from(*weight) + change) as f32);
    }

    /// Adds a round's evidence to what this share of is left of earlier rounds'.
    pub(super) fn gather(&mut self, evidence: impl Iterator<Item = f64>, momentum: f64) {
        let Some(ledger) = &mut self.ledger else { return };
        Arc::make_mut(ledger).iter_mut().zip(evidence).for_each(|(sum, it)| *sum = *sum * momentum + it);
    }

    /// Takes the mask of an event: forgets what led to it, and goes on from where the recipe says.
    pub(super) fn take(&mut self, recipe: &Recipe, mask: Mask, zeroed: Option<&Mask>, origin: &Origin) {
        let graph = recipe.model().graph();
        self.kept = Arc::new(recipe.groups().kept(graph, &mask));
        self.mask = mask;
        self.restart(recipe, origin);
        // Last, so that what starts from 0 does so wherever the others go on from.
        if let Some(zeroed) = zeroed {
            self.zero(recipe, graph, zeroed);
        }
    }

    fn zero(&mut self, recipe: &Recipe, graph: &Graph, groups: &Mask) {
        let not_zeroed = Mask::full(groups.len()).and_not(groups);
        let rest = recipe.groups().kept(graph, &not_zeroed);
        self.saved.unmoved = None;
        *Arc::make_mut(&mut self.held) = rest.masked(&self.held);
    }

    /// Goes on from other weights than those at hand.
    fn restart(&mut self, recipe: &Recipe, origin: &Origin) {
        let seed = match origin {
            Origin::Held => return,
            Origin::Start => self.saved.start_seed,
            Origin::Fresh => random::derive(self.saved.start_seed, "reinit", self.saved.rounds.into()),
            Origin::End(stage) => {
                let ended = recipe.stages().iter().position(|it| it.name == *stage);
                if let Some(weights) = ended.and_then(|it| self.snapshots.get(&(it as u16))) {
                    self.held = weights.clone();
                    self.saved.unmoved = None;
                }
                return;
            }
        };
        if self.saved.unmoved != Some(seed) {
            self.held = Arc::new(recipe.model().w0(seed));
            self.saved.unmoved = Some(seed);
        }
    }

    /// Remembers the weights with which a stage ended.
    pub(super) fn keep_snapshot(&mut self, stage: u16) {
        self.snapshots.insert(stage, self.held.clone());
    }

    /// Notes a round and what a model came to in it.
    pub(super) fn note_round(&mut self, record: RoundRecord, classes: Option<usize>) -> RoundRecord {
        let record = RoundRecord { void: std::mem::take(&mut self.saved.n_void), ..record };
        self.saved.rounds += 1;
        if record.received.n > 0 {
            self.saved.received = Some(record.received);
        }
        let accuracy = record.received.accuracy().zip(classes);
        self.saved.above_chance = accuracy.map(|it| it.0 * it.1 as f64).or(self.saved.above_chance);
        self.saved.last = Some(RoundRecord { mask_event: false, ..record.clone() });
        record
    }

    /// Goes on to a place; what the rounds of a stage came to is of no interest once it is over.
    pub(super) fn advance(&mut self, to: Place) {
        if to.stage != self.saved.place.stage {
            self.saved.seen.clear();
        }
        self.saved.place = to;
    }

    /// Notes what the round was like, for what ends a stage, and forgets what no end that looks back so many events asks for.
    pub(super) fn note_seen(&mut self, passed: Passed, n_events: u32) {
        let seen = &mut self.saved.seen;
        seen.push(SeenRound {
            density: passed.density,
            change: passed.change.unwrap_or(0.0),
            is_event: passed.change.is_some(),
            accuracy: passed.received.accuracy(),
        });
        let latest = [Some(seen.len() - 1), seen.iter().rposition(|it| it.accuracy.is_some())];
        let mut n_old = seen.iter().filter(|it| it.is_event).count().saturating_sub(n_events as usize);
        let mut at = 0;
        seen.retain(|it| {
            let is_old = n_old > 0 && it.is_event;
            n_old -= usize::from(is_old);
            let is_kept = (it.is_event && !is_old) || latest.contains(&Some(at));
            at += 1;
            is_kept
        });
    }

    /// Rounds of the stage so far, as far as they matter to what ends it.
    pub(super) fn seen(&self) -> Vec<Seen> {
        let seen = |it: &SeenRound| {
            let SeenRound { density, change, is_event, accuracy } = *it;
            Seen { density, change, is_event, accuracy }
        };
        self.saved.seen.iter().map(seen).collect()
    }

    pub(super) fn note_void(&mut self) {
        self.saved.n_void += 1;
    }

    /// The host's measurement of a committed model.
    pub(super) fn note_evaluation(&mut self, rounds: u32, evaluation: Evaluation) {
        if let Some(last) = self.saved.last.as_mut().filter(|it| it.round + 1 == rounds) {
            last.test = Some(evaluation);
        }
    }

    /// The clients' word on the final model.
    pub(super) fn note_final(&mut self, evaluation: Evaluation) {
        self.saved.final_evaluation = Some(evaluation);
    }

    /// What clients last said of a model that they were sent.
    pub(super) fn received(&self) -> Option<Evaluation> {
        self.saved.received
    }
}

/// One evaluation of all samples together; losses are folded in client order.
pub(super) fn pooled(evaluations: impl Iterator<Item = Evaluation>) -> Evaluation {
    let (mut n, mut correct, mut loss) = (0, None, 0.0);
    for it in evaluations {
        n += it.n;
        correct = it.correct.map(|more| correct.unwrap_or(0) + more).or(correct);
        loss += f64::from(it.loss) * f64::from(it.n);
    }
    Evaluation { n, correct, loss: if n > 0 { (loss / f64::from(n)) as f32 } else { 0.0 } }
}
