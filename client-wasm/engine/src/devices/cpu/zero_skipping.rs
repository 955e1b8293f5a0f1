//! Zero skipping for left factors with mostly zeros, such as bags of words: steps at which a panel is all zeros are
//! left out.
//!
//! The result is exact as long as the other factor is finite at these steps, since 0 · ∞ and 0 · NaN are not 0: the
//! caller checks every panel of the right factor and falls back to the full product if one is not finite.

/// Number of steps that are sampled before all steps are read.
const SAMPLES: usize = 64;

/// Panels without the steps of the depth at which they are all zeros.
#[derive(Debug, Default)]
pub(super) struct NonZeros {
    values: Vec<f32>,
    steps: Vec<u32>,
    /// End of each panel, in steps.
    ends: Vec<usize>,
}

impl NonZeros {
    /// Takes packed panels of `len` steps each, if more than half of the steps can be skipped.
    #[inline(always)]
    pub(super) fn fill<const ROWS: usize>(&mut self, panels: &[f32], len: usize) -> bool {
        let panels = panels.as_chunks::<ROWS>().0;
        // An odd stride, so that samples do not all fall on one depth.
        let apart = (panels.len() / SAMPLES) | 1;
        let [mut seen, mut zeros] = [0, 0];
        for entries in panels.iter().step_by(apart) {
            seen += 1;
            zeros += usize::from(!are_some(entries));
        }
        if 2 * zeros <= seen {
            return false;
        }
        self.values.resize(self.values.len().max(panels.len() * ROWS), 0.0);
        self.steps.resize(self.steps.len().max(panels.len()), 0);
        self.ends.clear();
        let (values, mut end) = (self.values.as_chunks_mut::<ROWS>().0, 0);
        for panel in panels.chunks_exact(len) {
            // No branch, which would be mispredicted half the time: a skipped step is overwritten by the next.
            for (step, entries) in (0..).zip(panel) {
                values[end] = *entries;
                self.steps[end] = step;
                end += usize::from(are_some(entries));
            }
            self.ends.push(end);
        }
        true
    }

    /// Remaining entries of a panel, and their steps.
    #[inline(always)]
    pub(super) fn panel<const ROWS: usize>(&self, at: usize) -> (&[[f32; ROWS]], &[u32]) {
        let begin = if at == 0 { 0 } else { self.ends[at - 1] };
        let end = self.ends[at];
        (&self.values.as_chunks().0[begin..end], &self.steps[begin..end])
    }
}

/// Whether any entry is not zero.
#[inline(always)]
fn are_some<const ROWS: usize>(entries: &[f32; ROWS]) -> bool {
    // The sign of a zero makes no difference.
    entries.iter().fold(0, |bits, it| bits | it.to_bits() << 1) != 0
}
