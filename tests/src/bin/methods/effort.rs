//! Effort: how many samples, seeds and rounds the methods run with.

/// How much is run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Effort {
    /// The full numbers of the table.
    Whole,
    /// So few that nothing is learned: every row runs, in about a minute.
    Quick,
}

/// Seeds of a full run: for initial weights, batches, random draws and the dealing of data.
const SEEDS: [u64; 3] = [1, 2, 3];
/// Number of training samples of a quick run.
const QUICK_SAMPLES: usize = 600;
/// Divisor of a recipe's rounds in a quick run; no stage is left out.
const QUICK_PART: u32 = 8;

impl Effort {
    pub(crate) fn seeds(self) -> &'static [u64] {
        match self {
            Self::Whole => &SEEDS,
            Self::Quick => &SEEDS[..1],
        }
    }

    /// Number of training samples, for a row that asks for `asked`.
    pub(crate) fn samples(self, asked: usize) -> usize {
        match self {
            Self::Whole => asked,
            Self::Quick => asked.min(QUICK_SAMPLES),
        }
    }

    /// Divisor of a recipe's rounds.
    pub(crate) fn part(self) -> u32 {
        match self {
            Self::Whole => 1,
            Self::Quick => QUICK_PART,
        }
    }
}
