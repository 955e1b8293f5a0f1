//! Log-mel: a second of speech as an image of loudness over time and pitch, with the same bytes on every machine.
//!
//! Frames of 25 ms under a Hann window every 10 ms; power spectrum of 256 points; 40 triangular filters evenly spaced
//! in mel (O'Shaughnessy 1987) from 0 to 4 kHz; logarithm; standardised to mean 0 and variance 1 over the clip.

use std::f64::consts::PI;

/// Expected samples per second.
pub const RATE: u32 = 8000;
/// Rows of the image.
pub const FRAMES: usize = (SAMPLES - FRAME) / HOP + 1;
/// Columns of the image.
pub const BANDS: usize = 40;

/// Length of a clip: longer clips are cut, shorter ones are filled up with silence.
const SAMPLES: usize = RATE as usize;
const FRAME: usize = 200;
const HOP: usize = 80;
const POINTS: usize = 256;
const BINS: usize = POINTS / 2 + 1;
/// Constant added to the power, so that the logarithm of silence is finite.
const FLOOR: f64 = 1e-6;
/// Largest standardised value in bytes; larger ones are clipped.
const MOST: f64 = 4.0;

/// Converts a clip of 16-bit samples to [`FRAMES`] rows of [`BANDS`] standardised values.
pub fn spectrogram(samples: &[i16]) -> Vec<f64> {
    let window: Vec<f64> = (0..FRAME).map(|it| 0.5 - 0.5 * (2.0 * PI * it as f64 / FRAME as f64).cos()).collect();
    let bands = bands();
    let at = |it: usize| samples.get(it).map_or(0.0, |it| f64::from(*it) / 32_768.0);
    let mut picture = Vec::with_capacity(FRAMES * BANDS);
    for frame in 0..FRAMES {
        let mut points = [[0.0; 2]; POINTS];
        for (it, (point, weight)) in points.iter_mut().zip(&window).enumerate() {
            point[0] = at(frame * HOP + it) * weight;
        }
        transform(&mut points);
        let power: Vec<f64> = points[..BINS].iter().map(|[re, im]| re * re + im * im).collect();
        let loudness = |band: &Vec<f64>| band.iter().zip(&power).map(|(weight, power)| weight * power).sum::<f64>();
        picture.extend(bands.iter().map(|it| (loudness(it) + FLOOR).ln()));
    }
    standardise(&mut picture);
    picture
}

/// The spectrogram in bytes, 0 for −4 and 255 for 4 standard deviations.
pub fn bytes(samples: &[i16]) -> Vec<u8> {
    let byte = |it: &f64| ((it.clamp(-MOST, MOST) + MOST) / (2.0 * MOST) * 255.0).round() as u8;
    spectrogram(samples).iter().map(byte).collect()
}

/// Scale and shift that convert a byte back to its standardised value.
pub const SCALE: (f32, f32) = ((2.0 * MOST / 255.0) as f32, -MOST as f32);

/// Weight of every frequency in every band: triangles from the centre of the band below to that of the band above.
fn bands() -> Vec<Vec<f64>> {
    let mel = |hertz: f64| 2595.0 * (1.0 + hertz / 700.0).log10();
    let hertz = |mel: f64| 700.0 * (10f64.powf(mel / 2595.0) - 1.0);
    let nyquist = f64::from(RATE) / 2.0;
    let edge = |it: usize| hertz(mel(nyquist) * it as f64 / (BANDS + 1) as f64);
    let weight = |band: usize, bin: usize| {
        let (low, middle, high) = (edge(band), edge(band + 1), edge(band + 2));
        let here = f64::from(RATE) * bin as f64 / POINTS as f64;
        ((here - low) / (middle - low)).min((high - here) / (high - middle)).max(0.0)
    };
    (0..BANDS).map(|band| (0..BINS).map(|bin| weight(band, bin)).collect()).collect()
}

/// The discrete Fourier transform in place (Cooley & Tukey 1965, radix 2).
fn transform(points: &mut [[f64; 2]; POINTS]) {
    let bits = POINTS.trailing_zeros();
    for at in 0..POINTS {
        let reversed = (at as u32).reverse_bits() as usize >> (u32::BITS - bits);
        if at < reversed {
            points.swap(at, reversed);
        }
    }
    for half in (0..bits).map(|it| 1 << it) {
        for start in (0..POINTS).step_by(2 * half) {
            for at in 0..half {
                let (sin, cos) = (-PI * at as f64 / half as f64).sin_cos();
                let ([a, b], [re, im]) = (points[start + at], points[start + at + half]);
                let turned = [re * cos - im * sin, re * sin + im * cos];
                points[start + at] = [a + turned[0], b + turned[1]];
                points[start + at + half] = [a - turned[0], b - turned[1]];
            }
        }
    }
}

/// Standardises to mean 0 and variance 1; silence has no variance and becomes 0 everywhere.
fn standardise(values: &mut [f64]) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / n;
    let deviation = if variance > 1e-12 { variance.sqrt() } else { 1.0 };
    values.iter_mut().for_each(|it| *it = (*it - mean) / deviation);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half a second of a tone that rises from 200 to 2,200 Hz, in integers, so that the samples are equal on every machine.
    fn rising(n: usize) -> Vec<i16> {
        let phase = |it: f64| 2.0 * PI * (200.0 * it + 2000.0 * it * it);
        (0..n).map(|it| (8000.0 * phase(it as f64 / f64::from(RATE)).sin()).round() as i16).collect()
    }

    #[test]
    fn it_is_what_numpy_makes_of_it() {
        // From numpy.fft.rfft over the same frames, with triangles by numpy.interp.
        let expected = [
            (0, 0, 1.4201751035160974),
            (0, 5, 4.027582453787751),
            (10, 8, 0.7868816718237931),
            (25, 20, 3.666716542793527),
            (47, 39, -0.39603905097123837),
            (97, 39, -0.40484952560634735),
        ];
        let picture = spectrogram(&rising(4000));
        assert_eq!(picture.len(), 98 * 40);
        for (frame, band, expected) in expected {
            let found = picture[frame * BANDS + band];
            assert!((found - expected).abs() < 1e-6, "frame {frame}, band {band}: {found} instead of {expected}");
        }
    }

    #[test]
    fn a_clip_is_cut_or_ends_in_silence_and_is_standardised() {
        let long = rising(9000);
        assert_eq!(spectrogram(&long), spectrogram(&long[..8000]));
        let picture = spectrogram(&long[..100]);
        let mean = picture.iter().sum::<f64>() / 3920.0;
        let variance = picture.iter().map(|it| it * it).sum::<f64>() / 3920.0;
        assert!(mean.abs() < 1e-9 && (variance - 1.0).abs() < 1e-9, "{mean} and {variance}");
        assert!(spectrogram(&[]).iter().all(|it| it.abs() < 1e-9), "silence");
    }

    #[test]
    fn bytes_keep_what_they_stand_for() {
        let samples = rising(4000);
        for (byte, value) in bytes(&samples).into_iter().zip(spectrogram(&samples)) {
            let found = f64::from(f32::from(byte) * SCALE.0 + SCALE.1);
            assert!((found - value.clamp(-MOST, MOST)).abs() <= MOST / 255.0 + 1e-6, "{found} instead of {value}");
        }
    }

    #[test]
    fn every_band_hears_something() {
        assert!(bands().iter().all(|it| it.iter().any(|weight| *weight > 0.0)));
    }
}
