//! A program: training, evaluation and vote of one graph as lists of kernel calls over planned buffers, as plain data.

mod fixed;
mod lifetimes;
mod lowering;
mod ops;
mod narrow;
mod descent;
mod vote;
mod evidence;
#[cfg(test)]
mod planning;

use protocol::graph::Graph;
use protocol::training::optimizers::Optimizer;

use crate::kernels::batch::{advance, gather};
use crate::kernels::{Call, Halves};
pub use descent::remembered;
pub use evidence::{Evidence, Gathered};
pub use fixed::Fixed;
use lifetimes::{Place, Tape};
use lowering::{Lowering, Pass};
pub use vote::{Ballot, BallotRow, Norm};

/// Index of a buffer in [`Program::buffers`].
pub type BufferId = usize;

/// A kernel call on buffers of the program, in the kernel's order.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Kernel and parameters.
    pub call: Call,
    /// Buffers bound to the kernel, all different.
    pub buffers: Vec<BufferId>,
    /// The buffers that hold 16-bit floats.
    pub halves: Halves,
}

/// How activations and their gradients are stored; everything else, and all arithmetic, has 32 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Stored as 32-bit floats.
    #[default]
    Single,
    /// Stored as 16-bit floats, two per word, except for the inputs of a loss; only for devices whose shaders support
    /// them.
    Half,
}

/// Operations of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// One training step on the batch at the cursor.
    Train,
    /// Evaluates the batch at the cursor.
    Evaluate,
    /// Scores groups, selects the ones to drop, and packs the ballot.
    Vote,
    /// Scores groups only; the result is in [`Fixed::Scores`].
    Score,
    /// Gathers evidence from the batch at the cursor; no weight changes.
    Measure,
    /// Ends a round, for evidence that is gathered by rounds.
    Settle,
    /// Sums the evidence of groups; the result is in [`Fixed::Scores`].
    Reduce,
}

impl Section {
    /// All sections, in the order of their numbers.
    pub const ALL: [Self; 7] =
        [Self::Train, Self::Evaluate, Self::Vote, Self::Score, Self::Measure, Self::Settle, Self::Reduce];
}

/// Input from which a program is built.
#[derive(Clone, Copy, Debug)]
pub struct Blueprint<'a> {
    /// The living part of the model.
    pub graph: &'a Graph,
    /// The optimizer.
    pub optimizer: &'a Optimizer,
    /// Groups to score and to vote on.
    pub ballot: &'a Ballot,
    /// Evidence to gather during training.
    pub evidence: Evidence<'a>,
    /// Batch sizes, and formats of samples and activations.
    pub sizes: Sizes,
}

/// Batch sizes of a program, and formats of its samples and activations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sizes {
    /// Number of samples of the shard.
    pub samples: usize,
    /// Samples per training step.
    pub batch: usize,
    /// Samples per evaluation step.
    pub evaluation_batch: usize,
    /// Factor by which a feature byte is multiplied.
    pub scale: f32,
    /// Summand that is added after the multiplication.
    pub shift: f32,
    /// How activations and their gradients are stored.
    pub precision: Precision,
}

/// The weights to train.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trained {
    All,
    /// The weights whose bit is set.
    Masked,
}

/// All sections of one graph, for any device.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    /// Number of words of every buffer, the [`Fixed`] ones first.
    pub buffers: Vec<usize>,
    /// Steps of the sections, in the order of [`Section::ALL`].
    sections: Vec<Vec<Step>>,
}

impl Program {
    /// Lowers a graph in which every weight is trained.
    pub fn new(blueprint: &Blueprint<'_>) -> Self {
        Self::lowered(blueprint, Trained::All)
    }

    /// Lowers a graph in which only weights whose bit is set in [`Fixed::Alive`] are trained; the others start at 0 and
    /// stay 0, whatever the optimizer has stored for them. An unstructured mask saves bytes, not time: every product is
    /// computed as if all weights were alive, and the gradients of dead weights can be read.
    ///
    /// All groups have scores, and group g has place g. The score of a dead group is that of its weights, so 0 where
    /// the mask sets them to 0; a vote leaves out the groups whose place is [`crate::kernels::vote::pack::DEAD`].
    pub fn masked(blueprint: &Blueprint<'_>) -> Self {
        Self::lowered(blueprint, Trained::Masked)
    }

    fn lowered(blueprint: &Blueprint<'_>, trained: Trained) -> Self {
        let mut buffers = fixed::words(blueprint);
        if trained == Trained::Masked {
            buffers[Fixed::Alive.id()] = blueprint.graph.n_trained().div_ceil(32);
        }
        let sections = lifetimes::placed(tapes(blueprint, trained), &mut buffers);
        Self { buffers, sections }
    }

    /// Bytes of all buffers: the memory that a device needs for this program, without shaders and parameters.
    pub fn bytes(&self) -> u64 {
        self.buffers.iter().map(|&words| 4 * words as u64).sum()
    }

    /// The steps of a section.
    pub fn steps(&self, section: Section) -> &[Step] {
        &self.sections[section as usize]
    }
}

/// Tapes in the order of [`Section::ALL`].
fn tapes(blueprint: &Blueprint<'_>, trained: Trained) -> Vec<Tape> {
    let Blueprint { graph, ballot, sizes, evidence, .. } = blueprint;
    let (train, evaluate) = (training(blueprint, trained), evaluation(graph, sizes));
    let (measure, settle) = (evidence::measure(blueprint), evidence::settle(blueprint));
    vec![
        train,
        evaluate,
        vote::tape(ballot, trained),
        vote::scores(ballot),
        measure,
        settle,
        evidence::reduce(evidence),
    ]
}

fn training(Blueprint { graph, optimizer, evidence, sizes, .. }: &Blueprint<'_>, trained: Trained) -> Tape {
    let mut tape = gradients(graph, Pass::Train, sizes);
    evidence::of_step(evidence.of, graph, &mut tape);
    descent::push(optimizer, graph, &mut tape);
    match trained {
        Trained::All => {}
        Trained::Masked => descent::mask(graph, &mut tape),
    }
    advanced(tape, sizes.batch)
}

/// Forward and backward pass: the gradients of a batch, or its curvature.
fn gradients(graph: &Graph, pass: Pass, sizes: &Sizes) -> Tape {
    let mut lowering = forward(graph, sizes.batch, pass, sizes);
    for op in graph.ops.iter().rev() {
        ops::with(op, &mut |it| it.backward(&mut lowering));
    }
    let scale = lowering.loss_scale;
    let mut tape = lowering.tape;
    descent::unscale(scale, graph, &mut tape);
    tape
}

fn evaluation(graph: &Graph, sizes: &Sizes) -> Tape {
    advanced(forward(graph, sizes.evaluation_batch, Pass::Evaluate, sizes).tape, sizes.evaluation_batch)
}

fn advanced(mut tape: Tape, batch: usize) -> Tape {
    tape.push(Call::Advance(advance::Params { batch: batch as u32 }), [Place::Fixed(Fixed::Cursor)]);
    tape
}

fn forward<'a>(graph: &'a Graph, batch: usize, pass: Pass, sizes: &Sizes) -> Lowering<'a> {
    let mut lowering = Lowering::new(graph, batch, pass, narrow::narrow(graph, sizes.precision));
    let [labels, row_scale] = [lowering.labels, lowering.row_scale];
    let [features, answers, order, cursor] =
        [Fixed::Features, Fixed::Answers, Fixed::Order, Fixed::Cursor].map(Place::Fixed);
    let sample_len = graph.tensor_len(0) as u32;
    let gathered = gather::Params { batch: batch as u32, sample_len, scale: sizes.scale, shift: sizes.shift };
    let x = lowering.new_value(0);
    lowering.tape.push(Call::Gather(gathered), [features, answers, order, cursor, x, labels, row_scale]);
    for op in &graph.ops {
        ops::with(op, &mut |it| it.forward(&mut lowering));
    }
    lowering
}
