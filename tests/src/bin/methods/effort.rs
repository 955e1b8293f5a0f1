//! Effort: how many samples, seeds and rounds the methods are given.

/// How much is run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Effort {
    /// What the table says.
    Whole,
    /// So little that nothing is learned: every row runs, in about a minute.
    Quick,
}

/// Seeds of a whole run: they draw w0, batches, lots and how the data is dealt.
const SEEDS: [u64; 3] = [1, 2, 3];
/// Of a quick run, training samples.
const QUICK_SAMPLES: usize = 600;
/// What a quick run divides a recipe's rounds by; no stage is left out.
const QUICK_PART: u32 = 8;

impl Effort {
    pub(crate) fn seeds(self) -> &'static [u64] {
        match self {
            Self::Whole => &SEEDS,
            Self::Quick => &SEEDS[..1],
        }
    }

    /// Training samples, where a row asks for so many.
    pub(crate) fn samples(self, asked: usize) -> usize {
        match self {
            Self::Whole => asked,
            Self::Quick => asked.min(QUICK_SAMPLES),
        }
    }

    /// What the rounds of a recipe are divided by.
    pub(crate) fn part(self) -> u32 {
        match self {
            Self::Whole => 1,
            Self::Quick => QUICK_PART,
        }
    }
}
