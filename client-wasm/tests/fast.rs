//! The CPU device's kernels against the twins, over shapes that nobody chose.

use client_wasm::devices::cpu;
use client_wasm::kernels::matmul::NO_BIAS;
use client_wasm::kernels::{Call, Case, cases, column_sum, matmul};
use proptest::prelude::*;

/// Largest difference between what the twin and the CPU device make of a case, over all buffers.
fn difference(case: &Case) -> f32 {
    let (mut by_twin, mut by_cpu) = (case.buffers.clone(), case.buffers.clone());
    case.call.twin(&mut by_twin);
    cpu::execute(&case.call, &mut by_cpu);
    let words = by_twin.iter().flatten().zip(by_cpu.iter().flatten());
    let apart = |(twin, cpu): (&u32, &u32)| {
        // Equal bits are equal whatever they mean: integers, NaN in a score.
        if twin == cpu { 0.0 } else { (f32::from_bits(*twin) - f32::from_bits(*cpu)).abs() }
    };
    // NaN must not get lost in `max`.
    words.map(apart).fold(0.0, |most, it| if it <= most { most } else { it })
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
    fn products(m in 0u32..70, n in 0u32..70, k in 0u32..90, kind in 0..3, has_bias: bool) {
        let plain = matmul::Params {
            m, n, k, a_offset: 2, a_row: k, a_column: 1, b_offset: 3, b_row: n, b_column: 1, c_offset: 1,
            bias: if has_bias { 3 + n * k } else { NO_BIAS },
        };
        let params = match kind {
            0 => plain,
            1 => matmul::Params { b_row: 1, b_column: k, ..plain },
            _ => matmul::Params { a_row: 1, a_column: m, ..plain },
        };
        let case = Case::new("random", Call::Matmul(params))
            .noise((2 + m * k) as usize)
            .noise((3 + n * k + n) as usize)
            .noise((1 + m * n) as usize);
        prop_assert!(difference(&case) <= 1e-4);
    }

    #[test]
    fn column_sums(rows in 0u32..70, columns in 0u32..90, offset in 0u32..5) {
        let case = Case::new("random", Call::ColumnSum(column_sum::Params { rows, columns, offset }))
            .noise((rows * columns) as usize)
            .noise((offset + columns) as usize);
        prop_assert!(difference(&case) <= 1e-4);
    }
}
