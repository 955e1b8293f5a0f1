//! Tally: what the rows of a batch were marked adds up until somebody reads it.

use super::{Call, Case};

kernel! {
    "tally"
    params {
        /// Rows.
        rows: u32,
    }
    buffers {
        marks: reads f32,
        row_scale: reads f32,
        totals: writes f32,
    }
}

/// One invocation: a batch has few rows.
pub fn workgroups(_params: &Params) -> [u32; 3] {
    [1, 1, 1]
}

/// totals += [Σ loss, Σ right, rows] over the rows that weigh something.
pub fn twin(params: &Params, marks: &[f32], row_scale: &[f32], totals: &mut [f32]) {
    let (mut loss, mut right, mut rows) = (0.0, 0.0, 0.0);
    for row in (0..params.rows as usize).filter(|&it| row_scale[it] > 0.0) {
        loss += marks[2 * row];
        right += marks[2 * row + 1];
        rows += 1.0;
    }
    totals[0] += loss;
    totals[1] += right;
    totals[2] += rows;
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |rows| Call::Tally(Params { rows });
    vec![
        Case::new("one element", call(1))
            .floats([2.5, 1.0])
            .floats([1.0])
            .floats([1.0, 2.0, 3.0])
            .gives(2, [3.5, 3.0, 4.0]),
        Case::new("a row past the end does not count", call(2))
            .floats([2.5, 0.0, 7.0, 1.0])
            .floats([1.0, 0.0])
            .floats([0.0, 0.0, 0.0])
            .gives(2, [2.5, 0.0, 1.0]),
        Case::new("many", call(100)).noise(200).noise(100).noise(3),
        Case::new("empty", call(0)).floats([]).floats([]).floats([1.0, 1.0, 1.0]).gives(2, [1.0, 1.0, 1.0]),
    ]
}
