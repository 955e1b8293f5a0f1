//! The shape of a program: what of it changes with a mask and a stage, so that it is built again only then.

use engine::program::{
    Ballot, BallotRow, Blueprint, Evidence, Fixed, Gathered, Norm, Precision, Program, Sizes, remembered,
};
use protocol::choices::{Norm as ScoreNorm, Over};
use protocol::data::shard::Shard;
use protocol::evidence::{Gathering, Source};
use protocol::graph::Graph;
use protocol::groups::{Form, Groups, Role};
use protocol::mask::Mask;
use protocol::model::Model;
use protocol::tally::Ballots;
use protocol::task::{Task, TaskStage};
use protocol::training::optimizers::Optimizer;

use super::voting::Voting;

/// Samples per evaluation step at most: many, because nothing has to be kept for a backward pass.
const EVALUATION_BATCH: usize = 256;

/// Bytes that an evaluation step may take for its activations: as much as a training step of a large model does.
const EVALUATION_BYTES: usize = 16 << 20;

/// Two masks of one shape run on one program.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    /// Units of every space.
    widths: Vec<usize>,
    /// Whether layers after those that lack units are scaled up.
    rescales: bool,
    form: Form,
    optimizer: Optimizer,
    voting: Voting,
    says: Ballots,
    gathered: Gathered,
    /// How groups become numbers, where evidence is of groups.
    reduced: Option<(ScoreNorm, Over)>,
    sizes: Sizes,
}

/// A shape with what it takes to build its program.
pub(super) struct Plans {
    pub(super) shape: Shape,
    graph: Graph,
    ballot: Ballot,
    reduction: Option<Ballot>,
}

impl Plans {
    /// Of a stage and what is gathered in it, for the groups that a mask keeps.
    pub(super) fn new(
        model: &Model,
        groups: &Groups,
        mask: &Mask,
        (stage, gathering): (&TaskStage, Option<Gathering>),
        room: Room,
    ) -> Self {
        let graph = match groups.form {
            Form::Narrow if stage.rescales => {
                model.pruned(&groups.unit_mask(model.graph(), mask)).rescaled(model.graph())
            }
            Form::Narrow => model.pruned(&groups.unit_mask(model.graph(), mask)),
            Form::Masked => model.graph().clone(),
        };
        let batch = usize::from(stage.local.batch).min(room.samples).max(1);
        let evaluation_batch = evaluation_batch(model.graph()).min(room.measured(stage.local.held_out));
        let Room { capacity: samples, scale, shift, precision, .. } = room;
        let sizes = Sizes { samples, batch, evaluation_batch, scale, shift, precision };
        let (voting, says) = (Voting::of(stage), stage.says());
        let ballot = match voting {
            Voting::ByWeights(norm, over) => Ballot { says, ..ballot_of(groups, &graph, norm, over) },
            Voting::ByLot | Voting::Never => Ballot::none(),
        };
        let reduced = gathering.filter(|it| it.source.is_of_groups()).map(|it| (it.norm, it.over));
        let reduction = reduced.map(|(norm, over)| ballot_of(groups, &graph, norm, over));
        let shape = Shape {
            widths: graph.spaces.iter().map(|it| it.size).collect(),
            rescales: stage.rescales,
            // Until something is dead, a masked program is a dense one.
            form: if mask.count() == mask.len() { Form::Narrow } else { groups.form },
            optimizer: stage.local.optimizer.clone(),
            voting,
            says,
            gathered: gathering.map_or(Gathered::Nothing, |it| gathered(it.source, batch, room)),
            reduced,
            sizes,
        };
        Self { shape, graph, ballot, reduction }
    }

    /// The program.
    pub(super) fn program(&self) -> Program {
        let Shape { optimizer, sizes, form, gathered, .. } = &self.shape;
        let evidence = Evidence { of: *gathered, groups: self.reduction.as_ref() };
        let blueprint = Blueprint { graph: &self.graph, optimizer, ballot: &self.ballot, evidence, sizes: *sizes };
        match form {
            Form::Narrow => Program::new(&blueprint),
            Form::Masked => Program::masked(&blueprint),
        }
    }
}

impl Shape {
    /// Samples that an evaluation step takes.
    pub(super) fn evaluation_batch(&self) -> usize {
        self.sizes.evaluation_batch
    }

    /// Whether the program scores groups and packs ballots.
    pub(super) fn votes(&self) -> bool {
        matches!(self.voting, Voting::ByWeights(..))
    }

    /// Samples of a batch that is looked at.
    pub(super) fn look_size(&self) -> usize {
        match self.gathered {
            Gathered::Batches { size, .. } | Gathered::Curvature { size } => size,
            Gathered::Nothing | Gathered::Steps(_) | Gathered::Rounds => 1,
        }
    }

    /// The buffer in which evidence adds up over rounds.
    pub(super) fn added_up(&self) -> &'static [Fixed] {
        match self.gathered {
            Gathered::Steps(_) => &[Fixed::Evidence],
            Gathered::Rounds => &[Fixed::Settled],
            Gathered::Nothing | Gathered::Batches { .. } | Gathered::Curvature { .. } => &[],
        }
    }

    /// The buffers in which the optimizer remembers gradients.
    pub(super) fn remembered(&self) -> &'static [Fixed] {
        remembered(&self.optimizer)
    }

    /// Weights that gradients move.
    pub(super) fn n_trained(&self, model: &Model) -> usize {
        let mut graph = model.graph().clone();
        graph.spaces.iter_mut().zip(&self.widths).for_each(|(space, width)| space.size = *width);
        graph.n_trained()
    }

    /// Whether the program holds dead weights at 0.
    pub(super) fn is_masked(&self) -> bool {
        self.form == Form::Masked
    }
}

/// What a program gathers for a source.
fn gathered(source: Source, batch: usize, room: Room) -> Gathered {
    match source {
        Source::Nothing | Source::Updates { .. } => Gathered::Nothing,
        Source::Steps { fold, .. } => Gathered::Steps(fold),
        Source::Rounds => Gathered::Rounds,
        Source::Batches { size, fold, .. } => {
            Gathered::Batches { fold, size: usize::from(size).min(room.samples).max(1) }
        }
        // However many at once, the mean is the same.
        Source::Curvature { .. } => Gathered::Curvature { size: batch },
    }
}

/// What a criterion's norm sums over.
fn ballot_of(groups: &Groups, graph: &Graph, norm: ScoreNorm, over: Over) -> Ballot {
    let within = groups.within(graph);
    let counts = |role| over == Over::All || role == Role::Own;
    let row = |it: protocol::groups::Row| BallotRow {
        groups: it.groups,
        stripes: it.stripes.into_iter().filter(|it| it.is_trained && counts(it.role)).collect(),
    };
    Ballot {
        norm: match norm {
            // All groups of a row have as many entries: the mean ranks as the sum does.
            ScoreNorm::L1 | ScoreNorm::Mean => Norm::L1,
            ScoreNorm::L2 => Norm::L2,
        },
        full_groups: groups.n_groups() as u32,
        rows: within.rows.into_iter().map(row).collect(),
        says: Ballots::Drop,
    }
}

/// As many samples as there is memory for: a step holds an activation, the next one, and what a kernel gathers of it.
pub(super) fn evaluation_batch(graph: &Graph) -> usize {
    let largest = (0..graph.tensors.len()).map(|it| graph.tensor_len(it)).max().unwrap_or(1);
    (EVALUATION_BYTES / (3 * 4 * largest.max(1))).clamp(1, EVALUATION_BATCH)
}

/// Bytes that a client's program plans for a mask in a stage: weights, gradients, the optimizer's memory, activations, and
/// the client's samples.
pub fn planned_bytes(task: &Task, model: &Model, groups: &Groups, mask: &Mask, stage: u16, n_samples: usize) -> u64 {
    let (scale, shift, precision) = (1.0, 0.0, Precision::Single);
    let room = Room { samples: n_samples, capacity: n_samples, scale, shift, precision };
    let stage = task.stage(stage);
    Plans::new(model, groups, mask, (stage, stage.evidence), room).program().bytes()
}

/// The data that a program is made for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Room {
    /// Samples of the shard.
    pub(super) samples: usize,
    /// Samples that buffers have room for.
    pub(super) capacity: usize,
    pub(super) scale: f32,
    pub(super) shift: f32,
    pub(super) precision: Precision,
}

impl Room {
    /// Of a shard, with room for this many samples.
    pub(super) fn of(shard: &Shard, capacity: usize, precision: Precision) -> Self {
        Self { samples: shard.len(), capacity, scale: shard.scale, shift: shard.shift, precision }
    }

    /// Samples that are measured by, in whole tiles of products: a step costs the same for fewer. Without a part held out,
    /// whoever measures takes all.
    fn measured(&self, held_out: f64) -> usize {
        const TILE: usize = 16;
        let share = if held_out > 0.0 { held_out } else { 1.0 };
        let n = (self.capacity as f64 * share) as usize;
        n.next_multiple_of(TILE).clamp(1, self.capacity.max(1))
    }
}
