//! Gaussian: draws from a normal distribution around every mean.

use crate::kernels::entrywise::dropout::mixed;
use crate::kernels::{Call, Case, by_entries};

kernel! {
    "gaussian" with "entries"
    params {
        /// Number of entries.
        len: u32,
        /// Number of this draw in the model.
        stream: u32,
    }
    buffers { cursor: reads u32, mean: reads f32, log_variance: reads f32, y: writes f32 }
    // One invocation per eight entries.
    runs |params| by_entries(params.len);
}

/// y = mean + exp(log_variance / 2) · normal(seed, step, stream, entry); cursor = [_, _, step, seed].
pub fn twin(params: &Params, cursor: &[u32], mean: &[f32], log_variance: &[f32], y: &mut [f32]) {
    let key = mixed(params.stream ^ mixed(cursor[2] ^ mixed(cursor[3])));
    for at in 0..params.len {
        let place = at as usize;
        y[place] = mean[place] + (log_variance[place] / 2.0).exp() * normal(mixed(at ^ key));
    }
}

/// A normal number from 24 random bits, by the inverse error function (Giles 2010). Unlike the Box–Muller method, it
/// needs no function that shaders may compute with low precision.
fn normal(bits: u32) -> f32 {
    // Odd numbers over 2²⁴: exact, and never at either end of the range.
    let x = ((bits >> 8) as i32 * 2 + 1 - 16_777_216) as f32 / 16_777_216.0;
    let w = -((1.0 - x) * (1.0 + x)).ln();
    let near = [
        2.810_226_4e-8,
        3.432_739_4e-7,
        -3.523_387_7e-6,
        -4.391_506_5e-6,
        2.185_808_7e-4,
        -1.253_725e-3,
        -4.177_681_6e-3,
        2.466_407_3e-1,
        1.501_409_4,
    ];
    let far = [
        -2.002_142_6e-4,
        1.009_505_6e-4,
        1.349_343_2e-3,
        -3.673_428_4e-3,
        5.739_507_7e-3,
        -7.622_461e-3,
        9.438_870_5e-3,
        1.001_674,
        2.832_976_8,
    ];
    let (coefficients, w) = if w < 5.0 { (near, w - 2.5) } else { (far, w.sqrt() - 3.0) };
    let polynomial = coefficients.iter().fold(0.0, |sum: f32, coefficient| sum * w + coefficient);
    std::f32::consts::SQRT_2 * polynomial * x
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |about, len: usize| {
        let case = Case::new(about, Call::Gaussian(Params { len: len as u32, stream: 3 })).integers([5, 6, 7, 8]);
        // In the tails the error of the logarithm itself becomes visible.
        case.noise(len).noise(len).noise(len).within(1e-4)
    };
    vec![
        Case::new("without variance the draw is the mean", Call::Gaussian(Params { len: 1, stream: 0 }))
            .integers([0; 4])
            .given(&[&[3.0], &[-200.0], &[9.0]])
            .gives(3, [3.0]),
        noise("exactly one workgroup", 512),
        noise("ragged, including the tails of the distribution", 5001),
        noise("empty", 0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_normal_distribution() {
        let mut y = vec![0.0; 100_000];
        let zeros = vec![0.0; 100_000];
        twin(&Params { len: 100_000, stream: 1 }, &[0, 0, 2, 3], &zeros, &zeros, &mut y);
        let moment = |power| y.iter().map(|it| f64::from(*it).powi(power)).sum::<f64>() / 1e5;
        for (power, expected) in [(1, 0.0), (2, 1.0), (3, 0.0), (4, 3.0)] {
            assert!((moment(power) - expected).abs() < 0.06, "moment {power}: {}", moment(power));
        }
    }

    #[test]
    fn quantiles_are_those_of_the_normal_distribution() {
        // Half a bit above the bits of the 97.5th percentile: the textbook value is 1.959964.
        let bits = (0.975 * 16_777_216.0) as u32;
        assert!((normal(bits << 8) - 1.959_964).abs() < 1e-4);
        // The quantile beyond which 2⁻²⁵ of the distribution lies.
        assert!((normal(u32::MAX) - 5.42).abs() < 1e-2, "{}", normal(u32::MAX));
        assert_eq!(normal(0), -normal(u32::MAX));
    }
}
