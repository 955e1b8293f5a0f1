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
    /// What it is bound to; no buffer twice.
    pub buffers: Vec<BufferId>,
    /// Which of them hold 16-bit floats.
    pub halves: Halves,
}

/// How activations and their gradients are kept; everything else, and all arithmetic, is 32 bits wide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// As 32-bit floats.
    #[default]
    Single,
    /// As 16-bit floats, two to a word, save for what a loss reads; only for devices that have shaders for it.
    Half,
}

/// The things a program can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// One training step on the batch at the cursor.
    Train,
    /// Marks the batch at the cursor.
    Evaluate,
    /// Scores groups, selects and packs the ballot.
    Vote,
    /// Scores groups and no more: [`Fixed::Scores`] is there to be read.
    Score,
    /// Gathers evidence of the batch at the cursor; no weight moves.
    Measure,
    /// Ends a round of evidence that is gathered by rounds.
    Settle,
    /// Sums the evidence of groups, to be read in [`Fixed::Scores`].
    Reduce,
}

impl Section {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 7] =
        [Self::Train, Self::Evaluate, Self::Vote, Self::Score, Self::Measure, Self::Settle, Self::Reduce];
}

/// What a program is made from.
#[derive(Clone, Copy, Debug)]
pub struct Blueprint<'a> {
    /// The model, as far as it is alive.
    pub graph: &'a Graph,
    /// What moves its weights.
    pub optimizer: &'a Optimizer,
    /// What is scored and voted on.
    pub ballot: &'a Ballot,
    /// What is gathered beside training.
    pub evidence: Evidence<'a>,
    /// How much at once, and how samples and activations are kept.
    pub sizes: Sizes,
}

/// How much a program takes at once, and how it keeps samples and activations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sizes {
    /// Samples of the shard.
    pub samples: usize,
    /// Samples per training step.
    pub batch: usize,
    /// Samples per evaluation step.
    pub evaluation_batch: usize,
    /// What a feature byte is multiplied by.
    pub scale: f32,
    /// What is added to it then.
    pub shift: f32,
    /// How activations and their gradients are kept.
    pub precision: Precision,
}

/// Which weights move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trained {
    All,
    /// Those whose bit is set.
    Masked,
}

/// Everything a device does for one graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    /// Words of every buffer: first the [`Fixed`] ones.
    pub buffers: Vec<usize>,
    /// In the order of [`Section::ALL`].
    sections: Vec<Vec<Step>>,
}

impl Program {
    /// Lowers a graph of which every weight trains.
    pub fn new(blueprint: &Blueprint<'_>) -> Self {
        Self::lowered(blueprint, Trained::All)
    }

    /// Lowers a graph of which the weights train whose bit is set in [`Fixed::Alive`]; the others come as 0 and stay 0,
    /// whatever the optimizer remembers of them. A mask without structure saves bytes, not time: every product is taken
    /// as if all weights were there, and the gradients of dead weights are there to be read.
    ///
    /// Scores are of all groups, and group g has place g. A dead group scores what its weights do, so 0 where the mask holds
    /// them; a vote leaves out the groups whose place is [`crate::kernels::vote::pack::DEAD`].
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

    /// Bytes of all buffers: what a device holds of it, shaders and parameters of calls aside.
    pub fn bytes(&self) -> u64 {
        self.buffers.iter().map(|&words| 4 * words as u64).sum()
    }

    /// The steps of a section.
    pub fn steps(&self, section: Section) -> &[Step] {
        &self.sections[section as usize]
    }
}

/// In the order of [`Section::ALL`].
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

/// There and back: the gradients of a batch, or its curvature.
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
