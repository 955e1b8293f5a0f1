//! Randomness as a pure function of (seed, stream, counter): the same bits on every device and in any order.

/// The `counter`-th 64-bit word of a stream (SplitMix64 finaliser over a keyed counter; Steele, Lea, Flood 2014).
pub fn word(seed: u64, stream: u64, counter: u64) -> u64 {
    let key = mix(seed ^ mix(stream.wrapping_add(0x9E37_79B9_7F4A_7C15)));
    mix(key.wrapping_add(counter.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
}

/// Uniform in [0, 1) with 24 random bits: an exact conversion, so every device computes the same float.
pub fn unit_f32(seed: u64, stream: u64, counter: u64) -> f32 {
    (word(seed, stream, counter) >> 40) as f32 * (1.0 / 16_777_216.0)
}

/// Uniform in [0, 1) with 53 random bits.
pub fn unit_f64(seed: u64, stream: u64, counter: u64) -> f64 {
    (word(seed, stream, counter) >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
}

/// Uniform in 0..n (multiply-shift; the bias is below 2⁻³² for every n that fits in memory here).
///
/// # Panics
/// Never for n > 0; 0 gives 0.
pub fn below(seed: u64, stream: u64, counter: u64, n: usize) -> usize {
    ((u128::from(word(seed, stream, counter)) * n as u128) >> 64) as usize
}

/// A permutation of 0..n (Fisher–Yates).
pub fn permutation(seed: u64, stream: u64, n: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..n as u32).collect();
    for last in (1..n).rev() {
        order.swap(last, below(seed, stream, last as u64, last + 1));
    }
    order
}

/// Sum of twelve 24-bit uniforms around its mean (Irwin–Hall): nearly normal with a standard deviation of 2²⁴, within
/// ±6 · 2²⁴, and exact on every machine, unlike logarithms and cosines. Counters below 2⁶⁰ share no word.
pub fn normal(seed: u64, stream: u64, counter: u64) -> i32 {
    const BITS: u64 = (1 << 24) - 1;
    let word = |at| word(seed, stream, counter.wrapping_mul(6).wrapping_add(at));
    let sum: u64 = (0..6).map(word).map(|it| (it >> 40) + (it >> 16 & BITS)).sum();
    sum as i32 - 6 * BITS as i32
}

/// A seed for one purpose of one round, from the session's seed.
pub fn derive(seed: u64, purpose: &str, number: u64) -> u64 {
    let stream = purpose
        .bytes()
        .fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
    word(seed, stream, number)
}

fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_for_ever() {
        // Golden value: a change here changes every initial weight and every replay.
        assert_eq!(word(0, 0, 0), 0x33FE8BD4F9C57863);
        assert_eq!(word(7, 1, 2), 0x828F1FDE795E05D8);
    }

    #[test]
    fn uniform_floats_fill_the_unit_interval_evenly() {
        let n = 100_000;
        let mean = (0..n).map(|it| f64::from(unit_f32(3, 4, it))).sum::<f64>() / n as f64;
        assert!((mean - 0.5).abs() < 0.005, "{mean}");
        assert!((0..n).all(|it| (0.0..1.0).contains(&unit_f32(3, 4, it))));
    }

    #[test]
    fn a_permutation_holds_everything_once() {
        let mut order = permutation(1, 2, 1000);
        assert_ne!(order, (0..1000).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..1000).collect::<Vec<_>>());
    }
}
