//! Recordings: samples of a microphone as a log-mel picture of their first second.

use features::log_mel::{self, BANDS, FRAMES};
use features::sound::{RATES, resampled};

use super::{Example, Flaw, Kind};

/// A recording of one channel. Its size is the rate, samples per second; its numbers are samples of −1 to 1.
#[derive(Debug)]
pub(super) struct Recording;

/// Sound that is nowhere louder than this is silence.
const SILENCE: f32 = 1.0 / 512.0;

impl Kind for Recording {
    fn name(&self) -> &'static str {
        "recording"
    }

    fn fits(&self, sample_len: usize) -> bool {
        sample_len == FRAMES * BANDS
    }

    fn standard(&self) -> (f32, f32) {
        log_mel::SCALE
    }

    fn sample(&self, Example { sizes, numbers }: &Example<'_>) -> Result<Vec<u8>, Flaw> {
        let &[rate] = *sizes else { return Err(Flaw::Misshapen { n: numbers.len(), sizes: sizes.to_vec() }) };
        if !RATES.contains(&rate) {
            return Err(Flaw::Rate { given: rate, least: *RATES.start(), most: *RATES.end() });
        }
        // A second is all that the picture shows; the filter looks a little further.
        let heard = &numbers[..numbers.len().min(2 * rate as usize)];
        if heard.iter().all(|it| it.abs() <= SILENCE) {
            return Err(Flaw::Blank);
        }
        Ok(log_mel::bytes(&resampled(heard, rate)))
    }
}
