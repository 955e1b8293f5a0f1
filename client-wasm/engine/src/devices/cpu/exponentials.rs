//! Exponentials and logarithms without branches or calls, so that loops over them become vector instructions:
//! polynomials of the Cephes library (Moshier), accurate to two units in the last place.

/// eˣ.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    /// Adding this constant rounds to whole numbers and leaves them in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    /// Above this bound eˣ is infinite; below its negative eˣ is negligible.
    const LARGEST: f32 = 88.0;
    let within = if x > LARGEST { LARGEST } else { x };
    let within = if within < -LARGEST + 1.0 { -LARGEST + 1.0 } else { within };
    let shifted = within * std::f32::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    // ln 2 in two parts, the first with few digits, so that the difference is exact.
    let rest = within - whole * 0.693_359_4 + whole * 2.121_944_4e-4;
    let polynomial = [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5];
    let sum = polynomial.iter().fold(1.987_569_1e-4, |sum, coefficient| sum * rest + coefficient);
    let power = shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23;
    let value = (sum * rest * rest + rest + 1.0) * f32::from_bits(power);
    let value = if x > LARGEST { f32::INFINITY } else { value };
    if x < -LARGEST + 1.0 { 0.0 } else { value }
}

/// ln x of a normal number above 0.
#[inline(always)]
pub(super) fn ln(x: f32) -> f32 {
    let bits = x.to_bits();
    let exponent = (bits >> 23) as i32 - 126;
    let mantissa = f32::from_bits((bits & 0x007F_FFFF) | 0x3F00_0000);
    let is_low = mantissa < std::f32::consts::FRAC_1_SQRT_2;
    let exponent = if is_low { exponent - 1 } else { exponent } as f32;
    let rest = if is_low { mantissa + mantissa - 1.0 } else { mantissa - 1.0 };
    let polynomial = [
        -1.151_461e-1,
        1.167_699_84e-1,
        -1.242_014_1e-1,
        1.424_932_3e-1,
        -1.666_805_7e-1,
        2.000_071_4e-1,
        -2.499_999_4e-1,
        3.333_333e-1,
    ];
    let sum = polynomial.iter().fold(7.037_683_6e-2, |sum, coefficient| sum * rest + coefficient);
    let square = rest * rest;
    let small = sum * rest * square - exponent * 2.121_944_4e-4 - 0.5 * square;
    rest + small + exponent * 0.693_359_4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_near(found: f32, truth: f64, what: &str) {
        let apart = (f64::from(found) - truth).abs() / truth.abs().max(f64::from(f32::MIN_POSITIVE));
        assert!(apart < 2.5e-7, "{what}: {found} is not {truth}");
    }

    #[test]
    fn exponentials_are_right_from_end_to_end() {
        for at in -86_000..88_000 {
            let x = at as f32 / 1000.0;
            assert_near(exp(x), f64::from(x).exp(), &format!("exp {x}"));
        }
        assert_eq!((exp(f32::NEG_INFINITY), exp(0.0), exp(f32::INFINITY)), (0.0, 1.0, f32::INFINITY));
        assert!(exp(f32::NAN).is_nan());
    }

    #[test]
    fn logarithms_are_right_from_end_to_end() {
        for at in 1..200_000 {
            for x in [at as f32 / 1000.0, 1e-10 * at as f32, 1e30 * at as f32] {
                let truth = f64::from(x).ln();
                // Near 1 the logarithm vanishes, so the error is measured absolutely.
                assert!((f64::from(ln(x)) - truth).abs() < 1.5e-7 * truth.abs().max(0.5), "ln {x}: {}", ln(x));
            }
        }
    }
}
