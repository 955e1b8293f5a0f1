//! Strided: factors of a product in memory, and how their panels are packed.

use std::ops::Range;

use super::gemm::Panels;

/// A matrix in memory with two strides.
#[derive(Clone, Copy)]
pub(super) struct Strided<'a> {
    /// Values from the first entry on.
    pub(super) values: &'a [f32],
    /// Stride from one line to the next.
    pub(super) line: usize,
    /// Stride from one step of the depth to the next.
    pub(super) step: usize,
}

impl Strided<'_> {
    /// Whether most entries of the matrix are zero, judged by a sample.
    pub(super) fn is_sparse(&self, [lines, depth]: [usize; 2]) -> bool {
        const SAMPLES: usize = 64;
        let entries = lines * depth;
        // An odd stride, so that samples do not all fall on one depth.
        let apart = (entries / SAMPLES) | 1;
        let at = |it: usize| self.values[it / depth * self.line + it % depth * self.step];
        let [mut seen, mut zeros] = [0, 0];
        for it in (0..entries).step_by(apart) {
            seen += 1;
            zeros += usize::from(at(it) == 0.0);
        }
        8 * zeros > 7 * seen
    }
}

impl Panels for Strided<'_> {
    #[inline(always)]
    fn pack(&self, lines: Range<usize>, depth: Range<usize>, width: usize, panel: &mut [f32]) {
        let Self { values, line, step } = *self;
        let values = &values[lines.start * line + depth.start * step..];
        // Matrices of one line or one step may have strides of 1 both ways.
        if line == 1 && step >= lines.len() {
            beside(values, step, lines.len(), width, panel);
        } else if step == 1 && line >= depth.len() {
            across(values, line, lines.len(), width, depth.len(), panel);
        } else {
            for (at, panel) in panel.chunks_exact_mut(width).enumerate() {
                panel.iter_mut().take(lines.len()).enumerate().for_each(|(it, to)| *to = values[it * line + at * step]);
            }
        }
    }
}

/// Packs lines that are side by side: every step of the depth is a copy.
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
fn beside(values: &[f32], step: usize, lines: usize, width: usize, panel: &mut [f32]) {
    match (lines == width, width) {
        (true, 2) => copied::<2>(values, step, panel),
        (true, 8) => copied::<8>(values, step, panel),
        (true, 16) => copied::<16>(values, step, panel),
        (true, 48) => copied::<48>(values, step, panel),
        _ => {
            for (panel, values) in panel.chunks_exact_mut(width).zip(values.chunks(step)) {
                panel.iter_mut().zip(&values[..lines]).for_each(|(to, from)| *to = *from);
            }
        }
    }
}

/// A copy of constant length: otherwise each would be a call.
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
fn copied<const WIDTH: usize>(values: &[f32], step: usize, panel: &mut [f32]) {
    for (panel, values) in panel.as_chunks_mut::<WIDTH>().0.iter_mut().zip(values.chunks(step)) {
        panel.copy_from_slice(&values[..WIDTH]);
    }
}

/// Packs lines that lie along the depth: four steps of four lines at a time, transposed in registers.
fn across(values: &[f32], line: usize, lines: usize, width: usize, depth: usize, panel: &mut [f32]) {
    let at = |it: usize| &values[it * line..][..depth];
    if (lines, width) == (2, 2) {
        let pairs = at(0).iter().zip(at(1));
        panel.as_chunks_mut::<2>().0.iter_mut().zip(pairs).for_each(|(panel, (a, b))| *panel = [*a, *b]);
        return;
    }
    let whole = lines / 4 * 4;
    for first in (0..whole).step_by(4) {
        let [a, b, c, d] = [0, 1, 2, 3].map(|it| at(first + it).as_chunks::<4>().0);
        let steps = a.iter().zip(b).zip(c.iter().zip(d));
        for (((a, b), (c, d)), panel) in steps.zip(panel.chunks_exact_mut(4 * width)) {
            for step in 0..4 {
                panel[step * width + first..][..4].copy_from_slice(&[a[step], b[step], c[step], d[step]]);
            }
        }
        for (step, panel) in panel.chunks_exact_mut(width).enumerate().skip(depth / 4 * 4) {
            (0..4).for_each(|it| panel[first + it] = values[(first + it) * line + step]);
        }
    }
    for it in whole..lines {
        at(it).iter().zip(panel.chunks_exact_mut(width)).for_each(|(value, panel)| panel[it] = *value);
    }
}
