//! Evidence: what a client gathers of gradients for whoever decides what to prune, and what it sends of that.

use engine::clock::now_micros;
use protocol::choices::{Moment, Norm, Over};
use protocol::covered::{Covered, n_entries};
use protocol::evidence::curvature::refused;
use protocol::evidence::{Gathering, Source};
use protocol::graph::Graph;
use protocol::groups::{Form, Groups};
use protocol::local::Work;
use protocol::mask::Mask;
use protocol::random;
use protocol::task::TaskStage;
use protocol::wire::{Packed, Plan};

use super::{Assignment, Tick, TrainError, Trainer};

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
pub(super) fn asked(
    stage: &TaskStage,
    plan: &Plan,
    graph: &Graph,
    form: Form,
) -> Result<Option<Gathering>, TrainError> {
    if plan.evidence.is_none() {
        return Ok(None);
    }
    let Some(gathering) = stage.evidence else {
        let problem = format!("it asks for evidence, and its stage {:?} says nothing to gather", stage.name);
        return Err(TrainError::Plan(problem));
    };
    let operation = graph.ops.iter().find_map(refused);
    let problem = match (gathering.source, operation) {
        (Source::Curvature { .. }, Some(it)) => {
            format!("it asks for second derivatives, which do not pass through {it}")
        }
        (Source::Rounds, _) if form == Form::Narrow => "it asks for gradients of weights that are not there".into(),
        _ => return Ok(Some(gathering)),
    };
    Err(TrainError::Plan(problem))
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
        let part = |of: &[u32]| of.len().min(size) as f32 / n.max(1) as f32;
        let (whole, rest) = samples.split_at(n - n % size);
        let parts = match source {
            // Every batch counts the same, the last one perhaps of fewer samples.
            Source::Batches { .. } => [(&samples[..], 1.0 / n.div_ceil(size).max(1) as f32), (&[], 0.0)],
            Source::Nothing
            | Source::Updates { .. }
            | Source::Steps { .. }
            | Source::Rounds
            | Source::Curvature { .. } => [(whole, part(whole)), (rest, part(rest))],
        };
        let mut values = vec![];
        for (samples, share) in parts {
            let sums = self.looked_at(samples, plan, tick).await?;
            values.resize(sums.len(), 0.0);
            values.iter_mut().zip(sums).for_each(|(value, sum)| *value += sum * share);
        }
        if source.is_scored() {
            let weights = self.bench.device_weights().await?;
            values.iter_mut().zip(weights).for_each(|(value, weight)| *value = (*value * weight).abs());
        }
        Ok(Some(Looked { values, n: n as u32 }))
    }

    /// What batches of these samples add up to.
    async fn looked_at(
        &mut self,
        samples: &[u32],
        plan: &Plan,
        tick: &mut impl AsyncFnMut(Tick),
    ) -> Result<Vec<f32>, TrainError> {
        let steps = samples.len().div_ceil(self.bench.look_size()) as u32;
        self.bench.begin_looking(samples, random::derive(plan.seed, "look", self.client_seed) as u32);
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
        self.bench.gathered().await
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
        let mut values = match (gathering.source, looked) {
            (_, Some(looked)) => looked.values,
            (Source::Steps { .. }, None) if gathering.source.is_of_groups() => {
                let sums = self.bench.gathered_by_group().await?;
                if gathering.norm == Norm::Mean {
                    averaged(sums, &self.groups, it.mask(), gathering.over)
                } else {
                    sums
                }
            }
            (Source::Rounds, None) => self.bench.settled().await?,
            (_, None) => self.bench.gathered().await?,
        };
        let graph = self.bench.model().graph();
        let kept = self.groups.kept(graph, it.mask());
        let covered = Covered::of(gathering.source, graph, &self.groups, it.mask(), &kept);
        let sent = match &covered {
            // A masked program has all weights.
            Covered::Weights(dead) if gathering.source == Source::Rounds => {
                values.resize(dead.total(), 0.0);
                dead.gather(&values)
            }
            // The program has what is alive or, where weights are masked, all that is trained: just what is sent.
            Covered::Weights(_) | Covered::Groups(_) => {
                values.truncate(covered.len());
                values
            }
        };
        Ok(Some(Packed::new(bytemuck::pod_collect_to_vec(&sent))))
    }
}

/// Sums over groups by how many entries of the whole model they have, the dead ones among them being 0.
fn averaged(sums: Vec<f32>, groups: &Groups, mask: &Mask, over: Over) -> Vec<f32> {
    let is_scored = |it: &usize| groups.form == Form::Masked || mask.has(*it);
    let scored = groups.rows.iter().flat_map(|row| row.range().filter(is_scored).map(|_| n_entries(row, over).max(1)));
    sums.into_iter().zip(scored).map(|(sum, n)| sum / n as f32).collect()
}
