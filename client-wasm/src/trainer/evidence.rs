//! Evidence: what a client gathers of gradients for whoever decides what to prune, and what it sends of that.

use protocol::choices::{Moment, Norm, Over};
use protocol::covered::Covered;
use protocol::evidence::curvature::refused;
use protocol::evidence::{Gathering, Source};
use protocol::graph::Graph;
use protocol::groups::{Groups, Role};
use protocol::local::Work;
use protocol::mask::Mask;
use protocol::random;
use protocol::task::TaskStage;
use protocol::wire::{Packed, Plan};

use super::{Assignment, Tick, TrainError, Trainer};
use crate::clock::now_micros;

/// What a plan's program gathers. What adds up step by step is in the program only where it is asked for; what only looks
/// costs nothing until then.
pub(super) fn gathering(stage: &TaskStage, plan: &Plan) -> Option<Gathering> {
    let is_there = |it: &Gathering| plan.evidence.is_some() || it.source.only_looks() || plan.work == Work::Evaluate;
    stage.evidence.filter(is_there)
}

/// Since which round what a plan leaves behind adds up; nothing where it was sent or belongs to its round alone.
pub(super) fn goes_on(stage: &TaskStage, plan: &Plan) -> Option<u32> {
    let ask = plan.evidence.filter(|it| !it.sends)?;
    let source = stage.evidence?.source;
    matches!(source, Source::Steps { .. } | Source::Rounds).then_some(ask.since)
}

/// What there is to gather, if a plan asks for any.
pub(super) fn asked(stage: &TaskStage, plan: &Plan, graph: &Graph) -> Result<Option<Gathering>, TrainError> {
    if plan.evidence.is_none() {
        return Ok(None);
    }
    let Some(gathering) = stage.evidence else {
        let problem = format!("it asks for evidence, and its stage {:?} says nothing to gather", stage.name);
        return Err(TrainError::Plan(problem));
    };
    let operation = graph.ops.iter().find_map(refused);
    match (gathering.source, operation) {
        (Source::Curvature { .. }, Some(operation)) => {
            Err(TrainError::Plan(format!("it asks for second derivatives, which do not pass through {operation}")))
        }
        (_, Some(_) | None) => Ok(Some(gathering)),
    }
}

/// What looking at samples came to.
pub(super) struct Looked {
    values: Vec<f32>,
    /// Samples.
    pub(super) n: u32,
}

impl Trainer {
    /// Looks at the samples that a plan means, if this is the moment; no weight moves.
    pub(super) async fn look(
        &mut self,
        moment: Moment,
        plan: &Plan,
        gathering: Option<Gathering>,
        training: &[u32],
        tick: &mut impl AsyncFnMut(Tick),
    ) -> Result<Option<Looked>, TrainError> {
        let is_now = |it: &Gathering| it.source.only_looks() && it.at == moment;
        let Some(Gathering { source, .. }) = gathering.filter(is_now) else { return Ok(None) };
        let order_seed = random::derive(plan.seed, "evidence", self.client_seed);
        let order = random::permutation(order_seed, 0, training.len());
        let mut samples = super::gathered_indices(training, &order);
        samples.truncate(source.most_looked_at(training.len() as u32) as usize);
        let (n, size) = (samples.len(), self.bench.look_size());
        let noise_seed = random::derive(plan.seed, "look", self.client_seed) as u32;
        let mut values = match source {
            // Every batch counts the same, the last one perhaps of fewer samples.
            Source::Batches { .. } => {
                let share = 1.0 / n.div_ceil(size).max(1) as f32;
                self.looked_at(&samples, share, noise_seed, tick).await?
            }
            Source::Nothing
            | Source::Updates { .. }
            | Source::Steps { .. }
            | Source::Rounds
            | Source::Curvature { .. } => {
                let (whole, rest) = samples.split_at(n - n % size);
                let share = |len: usize| len as f32 / n.max(1) as f32;
                let mut values = self.looked_at(whole, share(size), noise_seed, tick).await?;
                let last = self.looked_at(rest, share(rest.len()), noise_seed, tick).await?;
                values.iter_mut().zip(last).for_each(|(value, last)| *value += last);
                values
            }
        };
        if source.is_scored() {
            let weights = self.bench.device_weights().await?;
            values.iter_mut().zip(weights).for_each(|(value, weight)| *value = (*value * weight).abs());
        }
        Ok(Some(Looked { values, n: n as u32 }))
    }

    /// This share of what batches of these samples add up to.
    async fn looked_at(
        &mut self,
        samples: &[u32],
        share: f32,
        noise_seed: u32,
        tick: &mut impl AsyncFnMut(Tick),
    ) -> Result<Vec<f32>, TrainError> {
        let steps = samples.len().div_ceil(self.bench.look_size()) as u32;
        self.bench.begin_looking(samples, noise_seed);
        let (mut step, mut seen) = (0, super::Totals::default());
        while step < steps {
            let now = self.steps_per_tick.min(steps - step);
            let start = now_micros();
            let totals = self.bench.measure(now).await?;
            self.pace(now, now_micros() - start);
            let news = totals.since(std::mem::replace(&mut seen, totals));
            step += now;
            tick(Tick { epoch: 1, epochs: 1, step, steps, loss: news.mean_loss() }).await;
        }
        let mut values = self.bench.gathered().await?;
        values.iter_mut().for_each(|it| *it *= share);
        Ok(values)
    }

    /// What a plan has sent of what was gathered, if anything.
    pub(super) async fn evidence(
        &mut self,
        it: &Assignment,
        gathering: Option<Gathering>,
        looked: Option<Looked>,
        n_samples: u32,
    ) -> Result<Option<Packed>, TrainError> {
        let Some(gathering) = gathering else { return Ok(None) };
        let sends = it.plan().evidence.is_some_and(|it| it.sends);
        if gathering.source == Source::Rounds {
            self.bench.settle(n_samples);
        }
        if !sends {
            return Ok(None);
        }
        let values = match (gathering.source, looked) {
            (_, Some(looked)) => looked.values,
            (Source::Steps { .. }, None) if gathering.source.is_of_groups() => {
                let mut sums = self.bench.gathered_by_group().await?;
                if gathering.norm == Norm::Mean {
                    average(&mut sums, &self.groups, it.mask(), gathering.over);
                }
                sums
            }
            (Source::Rounds, None) => self.bench.settled().await?,
            (_, None) => self.bench.gathered().await?,
        };
        let graph = self.bench.model().graph();
        let kept = self.groups.kept(graph, it.mask());
        let sent = match Covered::of(gathering.source, graph, &self.groups, it.mask(), &kept) {
            Covered::Groups(covered) => values.into_iter().take(covered.count()).collect(),
            Covered::Weights(covered) => covered.gather(&self.bench.whole(values)),
        };
        Ok(Some(Packed::new(bytemuck::pod_collect_to_vec(&sent))))
    }
}

/// Divides sums over groups by how many entries of the whole model they have, the dead ones among them being 0.
fn average(sums: &mut [f32], groups: &Groups, mask: &Mask, over: Over) {
    let counts = |role| over == Over::All || role == Role::Own;
    let n_scored = |row: &protocol::groups::Row| match groups.form {
        protocol::groups::Form::Narrow => mask.count_in(row.range()),
        protocol::groups::Form::Masked => row.range().len(),
    };
    let mut rest = sums;
    for row in &groups.rows {
        let stripes = row.stripes.iter().filter(|it| it.is_trained && counts(it.role));
        let entries = stripes.map(|it| it.outer.n * it.inner.n).sum::<u32>().max(1) as f32;
        let (own, others) = std::mem::take(&mut rest).split_at_mut(n_scored(row));
        own.iter_mut().for_each(|it| *it /= entries);
        rest = others;
    }
}
