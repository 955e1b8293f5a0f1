//! The CPU device's kernels compared with the twins, over random shapes.

use engine::devices::cpu;
use engine::kernels::convolution::conv2d;
use engine::kernels::pool::max_pool;
use engine::kernels::product::matmul::NO_BIAS;
use engine::kernels::product::{channel_sum, matmul};
use engine::kernels::{Call, Case, cases};
use proptest::prelude::*;

/// Largest difference between the results of the twin and of the CPU device for a case, over all buffers.
fn difference(case: &Case) -> f32 {
    let (mut by_twin, mut by_cpu) = (case.buffers.clone(), case.buffers.clone());
    case.call.twin(&mut by_twin);
    cpu::execute(&case.call, &mut by_cpu);
    let words = by_twin.iter().flatten().zip(by_cpu.iter().flatten());
    let apart = |(twin, cpu): (&u32, &u32)| {
        // Equal bits are equal whatever their type: integers, or NaN as a score.
        let [of_twin, of_cpu] = [twin, cpu].map(|it| f32::from_bits(*it));
        let apart = (of_twin - of_cpu).abs();
        // `max` would ignore NaN.
        if twin == cpu || of_twin.is_nan() && of_cpu.is_nan() {
            0.0
        } else if apart.is_nan() {
            f32::INFINITY
        } else {
            apart
        }
    };
    words.map(apart).fold(0.0, f32::max)
}

/// A product of factors in row order, or with one of them in column order.
fn product(sides: [u32; 3], kind: usize, has_bias: bool) -> matmul::Params {
    let [m, n, k] = sides;
    let bias = if has_bias { 3 + n * k } else { NO_BIAS };
    let plain = matmul::Params {
        m,
        n,
        k,
        a_offset: 2,
        a_row: k,
        a_column: 1,
        b_offset: 3,
        b_row: n,
        b_column: 1,
        c_offset: 1,
        bias,
    };
    match kind {
        0 => plain,
        1 => matmul::Params { b_row: 1, b_column: k, ..plain },
        _ => matmul::Params { a_row: 1, a_column: m, ..plain },
    }
}

#[test]
fn every_case_of_every_kernel() {
    for case in cases() {
        let apart = difference(&case);
        assert!(apart <= 1e-4, "{} ({}): {apart}", case.call.kernel().name, case.about);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn products(m in 0u32..70, n in 0u32..70, k in 0u32..90, kind in 0usize..3, has_bias: bool) {
        let case = Case::new("random", Call::Matmul(product([m, n, k], kind, has_bias)))
            .noise((2 + m * k) as usize)
            .noise((3 + n * k + n) as usize)
            .noise((1 + m * n) as usize);
        prop_assert!(difference(&case) <= 1e-4);
    }

    /// Steps with only zeros in one factor are skipped, unless the other factor is not finite there.
    #[test]
    fn thin_products(
        m in 1u32..70, n in 1u32..70, k in 1u32..400, kind in 0usize..3, has_bias: bool, left_is_thin: bool,
        apart in 8usize..300, odd in prop::sample::select(vec![1.0, f32::INFINITY, f32::NAN]), at: prop::sample::Index,
        odd_is_thin: bool,
    ) {
        let lens = [2 + m * k, 3 + n * k + n].map(|it| it as usize);
        let mut factors = lens.map(|len| (0..len).map(|it| (it * 7 % 11) as f32 / 8.0 - 0.5).collect::<Vec<_>>());
        let [thin, full] = if left_is_thin { [0, 1] } else { [1, 0] };
        factors[thin].iter_mut().enumerate().filter(|it| it.0 % apart != 0).for_each(|it| *it.1 = 0.0);
        let odd_one = if odd_is_thin { thin } else { full };
        factors[odd_one][at.index(lens[odd_one])] = odd;
        let [a, b] = factors;
        let case = Case::new("thin", Call::Matmul(product([m, n, k], kind, has_bias)));
        prop_assert!(difference(&case.floats(a).floats(b).noise((1 + m * n) as usize)) <= 1e-4);
    }

    #[test]
    fn channel_sums(rows in 0u32..40, channels in 0u32..40, inner in 1u32..30, offset in 0u32..5) {
        let case = Case::new("random", Call::ChannelSum(channel_sum::Params { rows, channels, inner, offset }))
            .noise((rows * channels * inner) as usize)
            .noise((offset + channels) as usize);
        prop_assert!(difference(&case) <= 1e-4);
    }

    #[test]
    fn convolutions(
        rows in 0u32..5, channels in 1u32..6, height in 1u32..12, width in 1u32..12, filters in 1u32..9,
        size in 1u32..6, stride in 1u32..4, padding in 0u32..5, alone: bool,
    ) {
        prop_assume!(padding < size && height + 2 * padding >= size && width + 2 * padding >= size);
        let together = conv2d::over([rows, channels, height, width], filters, [size, stride, padding]);
        let params = if alone { conv2d::by_channel(together) } else { together };
        let [x, y] = [params.x_len(), params.y_len()];
        let weights = params.offset as usize + params.weight_len() + params.filters as usize;
        for case in [
            Case::new("forward", Call::Conv2d(params)).noise(x).noise(weights).noise(y),
            Case::new("of the input", Call::Conv2dGradX(params)).noise(y).noise(weights).noise(x),
            Case::new("of the weight", Call::Conv2dGradW(params)).noise(y).noise(x).noise(weights),
        ] {
            prop_assert!(difference(&case) <= 1e-4, "{}", case.about);
        }
    }

    /// Gradients over wide images have a path of their own.
    #[test]
    fn gradients_over_wide_images(
        rows in 0u32..4, channels in 1u32..4, height in 4u32..20, width in 8u32..20, filters in 1u32..140, size in 1u32..4,
        padding in 0u32..2,
    ) {
        let params = conv2d::over([rows, channels, height, width], filters, [size, 1, padding.min(size - 1)]);
        let case = Case::new("of the weight", Call::Conv2dGradW(params)).noise(params.y_len()).noise(params.x_len());
        let weights = params.offset as usize + params.weight_len() + params.filters as usize;
        prop_assert!(difference(&case.noise(weights)) <= 1e-4);
    }

    #[test]
    fn pools_of_two(planes in 0u32..7, height in 2u32..12, width in 2u32..12) {
        let params = max_pool::over(planes, [height, width], [2, 2, 0]);
        let (x, y) = (params.x_len(), params.y_len());
        prop_assert_eq!(difference(&Case::new("forward", Call::MaxPool(params)).noise(x).noise(y)), 0.0);
        // Few distinct values, so that there are ties.
        let entries: Vec<f32> = (0..x).map(|it| (it * 7 % 5) as f32).collect();
        let mut largest = vec![0.0; y];
        max_pool::twin(&params, &entries, &mut largest);
        let case = Case::new("backward", Call::MaxPoolGrad(params)).floats(entries).floats(largest).noise(y).noise(x);
        prop_assert_eq!(difference(&case), 0.0);
    }
}
