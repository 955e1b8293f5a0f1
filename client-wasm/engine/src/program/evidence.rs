//! Evidence as calls: gradients and curvature gathered during training, settled by rounds, and reduced to groups.

use protocol::choices::Fold;
use protocol::evidence::curvature::refused;
use protocol::graph::Graph;

use super::lifetimes::{Place, Tape};
use super::lowering::Pass;
use super::vote::{self, Ballot};
use super::{Blueprint, Fixed, Precision, Sizes};
use crate::kernels::Call;
use crate::kernels::evidence::{accumulate, settle};

/// Evidence that a program gathers, and the groups to which it can be reduced.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence<'a> {
    /// What is gathered.
    pub of: Gathered,
    /// The groups over which [`super::Section::Reduce`] sums; `None` where evidence is per weight.
    pub groups: Option<&'a Ballot>,
}

/// Evidence per trained weight, including weights that a mask holds at 0. Gradients are those of the mean loss of one
/// batch, as the optimizer gets them, before weight decay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gathered {
    /// No evidence.
    #[default]
    Nothing,
    /// The gradient of every training step, folded into [`Fixed::Evidence`].
    Steps(Fold),
    /// The sum of the gradients of training steps, in [`Fixed::Evidence`]; [`super::Section::Settle`] adds its square,
    /// times [`Fixed::Amount`], to [`Fixed::Settled`] (PruneFL: Jiang et al. 2022).
    Rounds,
    /// The gradient of every batch that [`super::Section::Measure`] evaluates, folded into [`Fixed::Evidence`]. Squared
    /// gradients of batches of one sample add up to the empirical Fisher diagonal.
    Batches {
        /// How gradients are folded.
        fold: Fold,
        /// Number of samples per batch.
        size: usize,
    },
    /// The Gauss–Newton diagonal of the mean loss of every batch that [`super::Section::Measure`] evaluates, summed in
    /// [`Fixed::Evidence`]: exact for the last layer; for earlier layers passed back through squared factors (LeCun,
    /// Denker & Solla 1990, "Optimal Brain Damage", §2.2). If the graph has an operation that is [`refused`], the
    /// program measures nothing.
    Curvature {
        /// Number of samples per batch.
        size: usize,
    },
}

/// The buffers of evidence and their numbers of words.
pub(super) fn words(evidence: &Evidence<'_>, graph: &Graph) -> [(Fixed, usize); 3] {
    let n = graph.n_trained();
    let [gathered, amount, settled] = match evidence.of {
        Gathered::Nothing => [0; 3],
        Gathered::Steps(_) | Gathered::Batches { .. } | Gathered::Curvature { .. } => [n, 0, 0],
        Gathered::Rounds => [n, 1, n],
    };
    [(Fixed::Evidence, gathered), (Fixed::Amount, amount), (Fixed::Settled, settled)]
}

/// Calls of a training step between gradients and descent.
pub(super) fn of_step(gathered: Gathered, graph: &Graph, tape: &mut Tape) {
    match gathered {
        Gathered::Nothing | Gathered::Batches { .. } | Gathered::Curvature { .. } => {}
        Gathered::Steps(fold) => push(fold, graph, tape),
        Gathered::Rounds => push(Fold::Sum, graph, tape),
    }
}

fn push(fold: Fold, graph: &Graph, tape: &mut Tape) {
    let fold = match fold {
        Fold::Sum => accumulate::SUM,
        Fold::Abs => accumulate::ABSOLUTE,
        Fold::Square => accumulate::SQUARE,
    };
    let params = accumulate::Params { len: graph.n_trained() as u32, fold };
    tape.push(Call::Accumulate(params), [Fixed::Gradients, Fixed::Evidence].map(Place::Fixed));
}

/// Evaluates a batch and advances the cursor: neither weights nor running statistics change.
pub(super) fn measure(Blueprint { graph, evidence, sizes, .. }: &Blueprint<'_>) -> Tape {
    let (pass, fold, size, precision) = match evidence.of {
        Gathered::Nothing | Gathered::Steps(_) | Gathered::Rounds => return Tape::default(),
        Gathered::Batches { fold, size } => (Pass::Measure, fold, size, sizes.precision),
        Gathered::Curvature { .. } if graph.ops.iter().any(|it| refused(it).is_some()) => return Tape::default(),
        // In 16-bit floats, squares of small values would become 0.
        Gathered::Curvature { size } => (Pass::Curvature, Fold::Sum, size, Precision::Single),
    };
    let mut tape = super::gradients(graph, pass, &Sizes { batch: size, precision, ..*sizes });
    push(fold, graph, &mut tape);
    super::advanced(tape, size)
}

/// Ends a round of [`Gathered::Rounds`].
pub(super) fn settle(Blueprint { graph, evidence, .. }: &Blueprint<'_>) -> Tape {
    let mut tape = Tape::default();
    if evidence.of == Gathered::Rounds {
        let params = settle::Params { len: graph.n_trained() as u32 };
        tape.push(Call::Settle(params), [Fixed::Amount, Fixed::Evidence, Fixed::Settled].map(Place::Fixed));
    }
    tape
}

/// Sums evidence over groups.
pub(super) fn reduce(evidence: &Evidence<'_>) -> Tape {
    let from = match evidence.of {
        Gathered::Nothing => return Tape::default(),
        Gathered::Steps(_) | Gathered::Batches { .. } | Gathered::Curvature { .. } => Fixed::Evidence,
        Gathered::Rounds => Fixed::Settled,
    };
    evidence.groups.map(|it| vote::reduced(it, from)).unwrap_or_default()
}
