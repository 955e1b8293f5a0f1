//! Patches: what a convolution's window sees at every place, as a matrix that is never laid out.
//!
//! With zeros written around every image, the entry under tap `t` at place `p` is `starts[p] + taps[t]`: the matrix is two
//! short lists of numbers, and packing a panel of it is reading images.

use std::ops::Range;

use super::product::Lines;

/// How windows of one size go over images of one size.
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

/// Images with zeros around them, and the two lists.
#[derive(Debug, Default)]
pub(super) struct Patches {
    padded: Vec<f32>,
    starts: Vec<usize>,
    taps: Vec<usize>,
}

impl Sweep {
    /// Places of one image.
    pub(super) fn places(&self) -> usize {
        self.places_down * self.places_across
    }

    /// Entries under a window.
    pub(super) fn taps(&self) -> usize {
        self.channels * self.size * self.size
    }

    /// Entries of one image.
    pub(super) fn image(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// Height and width with zeros around them, and no less than the windows reach.
    fn padded(&self) -> [usize; 2] {
        [(self.height, self.places_down), (self.width, self.places_across)]
            .map(|(len, places)| (len + 2 * self.padding).max((places.max(1) - 1) * self.stride + self.size))
    }
}

impl Patches {
    /// Takes so many images.
    pub(super) fn fill(&mut self, sweep: &Sweep, x: &[f32]) {
        let images = x.len() / sweep.image().max(1);
        let [padded_height, padded_width] = sweep.padded();
        let plane = padded_height * padded_width;
        self.padded.clear();
        self.padded.resize(images * sweep.channels * plane, 0.0);
        let lines = self.padded.chunks_exact_mut(plane.max(1));
        for (plane, x) in lines.zip(x.chunks_exact((sweep.height * sweep.width).max(1))) {
            let inside = plane.chunks_exact_mut(padded_width.max(1)).skip(sweep.padding);
            for (to, from) in inside.zip(x.chunks_exact(sweep.width.max(1))) {
                let to = &mut to[sweep.padding..][..sweep.width];
                // Not a copy: lines are short, and a call for each would cost more.
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

    /// Adds a value to the entry under a tap at a place.
    pub(super) fn add(&mut self, tap: usize, values: &[f32]) {
        let tap = self.taps[tap];
        self.starts.iter().zip(values).for_each(|(start, value)| self.padded[start + tap] += value);
    }

    /// Gives the images back without what is around them.
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

    /// Four places whose entries lie one after the other.
    #[inline(always)]
    fn is_run(starts: &[usize; 4]) -> bool {
        // Places rise, so nothing else can lie between.
        starts[3] == starts[0] + 3
    }
}

/// Patches with a line for every place: the depth goes over the taps.
pub(super) struct ByPlace<'a>(pub(super) &'a Patches);

impl Lines for ByPlace<'_> {
    #[inline(never)]
    fn pack(&self, lines: Range<usize>, depth: Range<usize>, width: usize, panel: &mut [f32]) {
        let Patches { padded, starts, taps } = self.0;
        let (fours, rest) = starts[lines].as_chunks::<4>();
        for (at, four) in fours.iter().enumerate() {
            let steps = panel.chunks_exact_mut(width).zip(&taps[depth.clone()]);
            if Patches::is_run(four) {
                let values = &padded[four[0]..];
                for (panel, &tap) in steps {
                    panel[4 * at..4 * at + 4].copy_from_slice(&values[tap..tap + 4]);
                }
            } else {
                for (panel, &tap) in steps {
                    let to = &mut panel[4 * at..4 * at + 4];
                    to.iter_mut().zip(four).for_each(|(to, start)| *to = padded[start + tap]);
                }
            }
        }
        for (at, &start) in (4 * fours.len()..).zip(rest) {
            for (panel, &tap) in panel.chunks_exact_mut(width).zip(&taps[depth.clone()]) {
                panel[at] = padded[start + tap];
            }
        }
    }
}

/// Patches with a line for every tap: the depth goes over the places.
pub(super) struct ByTap<'a>(pub(super) &'a Patches);

impl Lines for ByTap<'_> {
    #[inline(never)]
    fn pack(&self, lines: Range<usize>, depth: Range<usize>, width: usize, panel: &mut [f32]) {
        let Patches { padded, starts, taps } = self.0;
        let taps = &taps[lines];
        let (fours, rest) = starts[depth].as_chunks::<4>();
        for (four, panel) in fours.iter().zip(panel.chunks_exact_mut(4 * width)) {
            if Patches::is_run(four) {
                let values = &padded[four[0]..];
                for (at, &tap) in taps.iter().enumerate() {
                    let run = &values[tap..tap + 4];
                    panel[at] = run[0];
                    panel[width + at] = run[1];
                    panel[2 * width + at] = run[2];
                    panel[3 * width + at] = run[3];
                }
            } else {
                for (panel, start) in panel.chunks_exact_mut(width).zip(four) {
                    panel.iter_mut().zip(taps).for_each(|(to, tap)| *to = padded[start + tap]);
                }
            }
        }
        for (start, panel) in rest.iter().zip(panel[4 * fours.len() * width..].chunks_exact_mut(width)) {
            panel.iter_mut().zip(taps).for_each(|(to, tap)| *to = padded[start + tap]);
        }
    }
}
