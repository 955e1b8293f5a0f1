//! Drawings: pixels of a canvas as MNIST has its digits.

use features::strokes::{self, SIDE};

use super::{Example, Flaw, Kind};

/// A drawing. Its sizes are width and channels, of which there are one for grey or four for red, green, blue and opacity; its
/// numbers are those of its pixels row by row, each 0 to 255.
#[derive(Debug)]
pub(super) struct Drawing;

/// Mean and standard deviation of MNIST's training pixels, as shares of 255.
const MNIST: (f32, f32) = (0.130_660_5, 0.308_107_8);

impl Kind for Drawing {
    fn name(&self) -> &'static str {
        "drawing"
    }

    fn fits(&self, sample_len: usize) -> bool {
        sample_len == SIDE * SIDE
    }

    fn standard(&self) -> (f32, f32) {
        (1.0 / (255.0 * MNIST.1), -MNIST.0 / MNIST.1)
    }

    fn sample(&self, Example { sizes, numbers }: &Example<'_>) -> Result<Vec<u8>, Flaw> {
        let drawing = match sizes {
            [width, 1] => strokes::Drawing::of_grey(*width as usize, numbers),
            [width, 4] => strokes::Drawing::of_rgba(*width as usize, numbers),
            _ => None,
        };
        let misshapen = || Flaw::Misshapen { n: numbers.len(), sizes: sizes.to_vec() };
        drawing.ok_or_else(misshapen)?.normalised().ok_or(Flaw::Blank)
    }
}
