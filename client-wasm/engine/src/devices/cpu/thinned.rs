//! Left factors that hold mostly zeros, as bags of words do: what a panel has nothing but zeros for is left out of it.
//!
//! Exact as long as the other factor is finite there, since 0 · ∞ and 0 · NaN are no zeros: whoever multiplies asks that of
//! every panel of the right factor, and goes the whole way where it is not so.

/// Steps that are looked at before all are.
const SAMPLES: usize = 64;

/// Panels without the steps of the depth at which they hold nothing but zeros.
#[derive(Debug, Default)]
pub(super) struct Thinned {
    values: Vec<f32>,
    steps: Vec<u32>,
    /// Where each panel ends, in steps.
    ends: Vec<usize>,
}

impl Thinned {
    /// Takes packed panels of so many steps each, if more than half of the steps can be left out.
    #[inline(always)]
    pub(super) fn fill<const ROWS: usize>(&mut self, panels: &[f32], len: usize) -> bool {
        let panels = panels.as_chunks::<ROWS>().0;
        // Odd, or it might only ever meet the same depth.
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
            // Without a branch, which would be anybody's guess: a step that is left out is overwritten by the next.
            for (step, entries) in (0..).zip(panel) {
                values[end] = *entries;
                self.steps[end] = step;
                end += usize::from(are_some(entries));
            }
            self.ends.push(end);
        }
        true
    }

    /// What is left of a panel, and at which steps.
    #[inline(always)]
    pub(super) fn panel<const ROWS: usize>(&self, at: usize) -> (&[[f32; ROWS]], &[u32]) {
        let begin = if at == 0 { 0 } else { self.ends[at - 1] };
        let end = self.ends[at];
        (&self.values.as_chunks().0[begin..end], &self.steps[begin..end])
    }
}

/// Whether there is anything but zeros.
#[inline(always)]
fn are_some<const ROWS: usize>(entries: &[f32; ROWS]) -> bool {
    // The sign of a zero makes no difference.
    entries.iter().fold(0, |bits, it| bits | it.to_bits() << 1) != 0
}
