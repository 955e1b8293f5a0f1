//! Implicit im2col: the entries under a convolution's window at every place, its patches, as a matrix that is never
//! laid out.
//!
//! With zeros written around every image, the entry under tap `t` at place `p` is `starts[p] + taps[t]`: the matrix is
//! described by two short lists of numbers, and packing a panel means reading images.

use std::ops::Range;

use super::gemm::Panels;

/// How windows of one size slide over images of one size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sweep {
    pub(super) channels: usize,
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) places_down: usize,
    pub(super) places_across: usize,
    pub(super) size: usize,
    pub(super) stride: usize,
    pub(super) padding: usize,
}

/// Images with zeros around them, and the two lists of offsets.
#[derive(Debug, Default)]
pub(super) struct Patches {
    padded: Vec<f32>,
    starts: Vec<usize>,
    taps: Vec<usize>,
}

impl Sweep {
    /// Number of places of one image.
    pub(super) fn places(&self) -> usize {
        self.places_down * self.places_across
    }

    /// Number of entries under a window.
    pub(super) fn taps(&self) -> usize {
        self.channels * self.size * self.size
    }

    /// Number of entries of one image.
    pub(super) fn image(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// Whether rows of places are long enough to be read in place. With vectors of four lanes, multiplying takes so
    /// long that packing matters little, and packing allows zeros of the other factor to be skipped.
    pub(super) fn is_wide(&self) -> bool {
        !cfg!(target_arch = "wasm32") && self.stride == 1 && self.places_across >= 12
    }

    /// Height and width with zeros around the image, at least as far as the windows reach.
    fn padded(&self) -> [usize; 2] {
        [(self.height, self.places_down), (self.width, self.places_across)]
            .map(|(len, places)| (len + 2 * self.padding).max((places.max(1) - 1) * self.stride + self.size))
    }
}

impl Patches {
    /// Loads images, with zeros around them.
    pub(super) fn fill(&mut self, sweep: &Sweep, x: &[f32]) {
        let images = x.len() / sweep.image().max(1);
        let [padded_height, padded_width] = sweep.padded();
        let plane = padded_height * padded_width;
        self.padded.clear();
        self.padded.resize(images * sweep.channels * plane + SLACK, 0.0);
        let lines = self.padded.chunks_exact_mut(plane.max(1));
        for (plane, x) in lines.zip(x.chunks_exact((sweep.height * sweep.width).max(1))) {
            let inside = plane.chunks_exact_mut(padded_width.max(1)).skip(sweep.padding);
            for (to, from) in inside.zip(x.chunks_exact(sweep.width.max(1))) {
                let to = &mut to[sweep.padding..][..sweep.width];
                // Not `copy_from_slice`: lines are short, and a call for each would cost more.
                to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
            }
        }
        let image = sweep.channels * plane;
        let start = |it: usize| {
            let (row, place) = (it / sweep.places(), it % sweep.places());
            let (down, across) = (place / sweep.places_across, place % sweep.places_across);
            row * image + down * sweep.stride * padded_width + across * sweep.stride
        };
        self.starts.clear();
        self.starts.extend((0..images * sweep.places()).map(start));
        let window = sweep.size * sweep.size;
        let tap = |it: usize| {
            let (channel, tap) = (it / window, it % window);
            channel * plane + tap / sweep.size * padded_width + tap % sweep.size
        };
        self.taps.clear();
        self.taps.extend((0..sweep.taps()).map(tap));
    }

    /// Adds a value per place to the entry under a tap there.
    pub(super) fn add(&mut self, tap: usize, values: &[f32]) {
        let tap = self.taps[tap];
        self.starts.iter().zip(values).for_each(|(start, value)| self.padded[start + tap] += value);
    }

    /// The images with zeros around them.
    pub(super) fn padded(&self) -> &[f32] {
        &self.padded
    }

    /// Offsets of the taps from the first entry under a window.
    pub(super) fn taps(&self) -> &[usize] {
        &self.taps
    }

    /// Copies the images back without the zeros around them.
    pub(super) fn empty_into(&self, sweep: &Sweep, x: &mut [f32]) {
        let [padded_height, padded_width] = sweep.padded();
        let planes = self.padded.chunks_exact((padded_height * padded_width).max(1));
        for (plane, x) in planes.zip(x.chunks_exact_mut((sweep.height * sweep.width).max(1))) {
            let inside = plane.chunks_exact(padded_width.max(1)).skip(sweep.padding);
            for (from, to) in inside.zip(x.chunks_exact_mut(sweep.width.max(1))) {
                to.copy_from_slice(&from[sweep.padding..][..sweep.width]);
            }
        }
    }

    /// Runs of places whose entries are contiguous: the first place of each run with its entry, and the run's length.
    pub(super) fn runs(&self, places: Range<usize>) -> impl Iterator<Item = (Range<usize>, usize)> {
        let mut start = places.start;
        std::iter::from_fn(move || {
            let own = &self.starts[start..places.end];
            let entry = *own.first()?;
            let len = own.iter().zip(entry..).take_while(|(start, next)| *start == next).count();
            start += len;
            Some((start - len..start, entry))
        })
    }
}

/// Extra entries after the last image, so that sixteen can be read at any entry.
const SLACK: usize = 15;

/// Patches with one line per place; the depth runs over the taps.
pub(super) struct ByPlace<'a>(pub(super) &'a Patches);

impl Panels for ByPlace<'_> {
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    fn pack(&self, lines: Range<usize>, depth: Range<usize>, width: usize, panel: &mut [f32]) {
        let patches = self.0;
        let taps = &patches.taps[depth];
        for (places, entry) in patches.runs(lines.clone()) {
            let values = &patches.padded[entry..];
            let at = places.start - lines.start;
            let mut done = 0;
            // Whole chunks may reach into the next run, which overwrites them later, but not past the panel's step.
            while done < places.len() && at + done + 16 <= width {
                copied::<16>(values, taps, done, panel, at + done, width);
                done += 16;
            }
            while done < places.len() && at + done + 4 <= width {
                copied::<4>(values, taps, done, panel, at + done, width);
                done += 4;
            }
            while done < places.len() {
                copied::<1>(values, taps, done, panel, at + done, width);
                done += 1;
            }
        }
    }
}

/// Copies entries at the offset of every tap into every step of a panel. The constant length avoids a call.
#[inline(always)]
fn copied<const LEN: usize>(values: &[f32], taps: &[usize], from: usize, panel: &mut [f32], to: usize, width: usize) {
    for (panel, &tap) in panel.chunks_exact_mut(width).zip(taps) {
        panel[to..to + LEN].copy_from_slice(&values[tap + from..][..LEN]);
    }
}

/// Patches with one line per tap; the depth runs over the places.
pub(super) struct ByTap<'a>(pub(super) &'a Patches);

impl Panels for ByTap<'_> {
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    fn pack(&self, lines: Range<usize>, depth: Range<usize>, width: usize, panel: &mut [f32]) {
        let patches = self.0;
        let taps = &patches.taps[lines];
        let (quads, single) = taps.as_chunks::<4>();
        for (places, entry) in patches.runs(depth.clone()) {
            let panel = &mut panel[(places.start - depth.start) * width..][..places.len() * width];
            let values = &patches.padded[entry..];
            for (at, panel) in panel.chunks_mut(4 * width).enumerate() {
                // Four places of four taps, transposed in registers.
                for (quad, taps) in quads.iter().enumerate() {
                    let [a, b, c, d] = taps.map(|tap| &values[tap + 4 * at..][..4]);
                    for (step, panel) in panel.chunks_exact_mut(width).enumerate() {
                        panel[4 * quad..4 * quad + 4].copy_from_slice(&[a[step], b[step], c[step], d[step]]);
                    }
                }
                for (it, tap) in (4 * quads.len()..).zip(single) {
                    for (step, panel) in panel.chunks_exact_mut(width).enumerate() {
                        panel[it] = values[tap + 4 * at + step];
                    }
                }
            }
        }
    }
}
