//! Sound: resamples recordings of any usual rate to 16-bit samples at the rate of log-mel.

use std::f64::consts::PI;
use std::ops::RangeInclusive;

use crate::log_mel::RATE;

/// Supported sample rates of recordings, from a telephone's to a studio's.
pub const RATES: RangeInclusive<u32> = RATE..=192_000;

/// Number of zero crossings of the low-pass filter on each side of its centre.
const CROSSINGS: f64 = 8.0;

/// Resamples from `rate`, one of [`RATES`], to 16-bit samples at [`RATE`]; input samples are from −1 to 1.
///
/// A sinc filter under a Hann window removes frequencies above half of [`RATE`], which would otherwise alias into
/// audible ones (Smith & Gossett 1984).
pub fn resampled(samples: &[f32], rate: u32) -> Vec<i16> {
    if rate == RATE {
        return samples.iter().map(|it| whole(f64::from(*it))).collect();
    }
    let step = f64::from(rate) / f64::from(RATE);
    let n = (samples.len() as f64 / step) as usize;
    (0..n).map(|it| whole(filtered(samples, it as f64 * step, step))).collect()
}

/// Value of the sound at a position between samples, without frequencies above one half cycle per `step` samples.
fn filtered(samples: &[f32], place: f64, step: f64) -> f64 {
    let reach = CROSSINGS * step;
    let (first, last) = ((place - reach).ceil() as i64, (place + reach).floor() as i64);
    let (mut sum, mut weights) = (0.0, 0.0);
    for at in first..=last {
        let weight = weight((at as f64 - place) / step);
        weights += weight;
        let sample = usize::try_from(at).ok().and_then(|it| samples.get(it));
        sum += weight * sample.map_or(0.0, |it| f64::from(*it));
    }
    sum / weights
}

/// Weight of the filter at this distance from its centre, in zero crossings.
fn weight(crossings: f64) -> f64 {
    let angle = PI * crossings;
    let sinc = if angle.abs() < 1e-9 { 1.0 } else { angle.sin() / angle };
    sinc * (0.5 + 0.5 * (angle / CROSSINGS).cos())
}

fn whole(sample: f64) -> i16 {
    (sample * 32_768.0).round() as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A one-second tone of this pitch at half of the maximum amplitude, sampled at this rate.
    fn tone(hertz: f64, rate: u32) -> Vec<f32> {
        let phase = |it: u32| 2.0 * PI * hertz * f64::from(it) / f64::from(rate);
        (0..rate).map(|it| (0.5 * phase(it).sin()) as f32).collect()
    }

    fn loudest(samples: &[i16]) -> i32 {
        samples.iter().map(|it| i32::from(*it).abs()).max().unwrap_or(0)
    }

    #[test]
    fn what_is_constant_stays_what_it_is() {
        let sound = resampled(&[0.25; 1600], 16_000);
        assert_eq!(sound.len(), 800);
        assert!(sound[20..780].iter().all(|it| *it == 8192), "a quarter of 32,768");
    }

    #[test]
    fn a_tone_is_the_same_tone_from_every_rate() {
        let expected = resampled(&tone(440.0, 8_000), 8_000);
        assert_eq!((expected.len(), loudest(&expected)), (8_000, 16_384));
        for rate in [11_025, 16_000, 44_100, 48_000, 192_000] {
            let sound = resampled(&tone(440.0, rate), rate);
            assert_eq!(sound.len(), 8_000, "{rate}");
            // The first and the last millisecond include the silence around the sound.
            let off: Vec<i32> = (8..7_992).map(|it| (i32::from(sound[it]) - i32::from(expected[it])).abs()).collect();
            assert!(off.iter().all(|it| *it < 164), "{rate}: {:?} of 16,384", off.iter().max());
        }
    }

    #[test]
    fn what_is_too_high_is_not_heard_as_something_lower() {
        // Every sixth sample of 6,000 Hz at 48,000 is a tone of 2,000 Hz.
        let sound = resampled(&tone(6_000.0, 48_000), 48_000);
        assert!(loudest(&sound[8..7_992]) < 164, "{}", loudest(&sound[8..7_992]));
        assert_eq!(loudest(&resampled(&tone(2_000.0, 48_000), 48_000)[8..7_992]) / 164, 99);
    }

    #[test]
    fn what_is_louder_than_loudest_is_cut() {
        assert_eq!(resampled(&[2.0, 1.0, 0.0, -1.0, -3.0], RATE), [32_767, 32_767, 0, -32_768, -32_768]);
    }
}
