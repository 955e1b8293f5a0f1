//! Tally: adds up loss and correctness of a batch's rows until the totals are read.

use crate::kernels::{Call, Case};

kernel! {
    "tally"
    params {
        /// Number of rows.
        rows: u32,
    }
    buffers { marks: reads f32, row_scale: reads f32, totals: writes f32 }
    // One invocation: a batch has few rows.
    runs |_params| [1, 1, 1];
}

/// totals += [Σ loss, Σ right, rows] over the rows with a weight above 0.
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
        Case::new("one element", call(1)).given(&[&[2.5, 1.0], &[1.0], &[1.0, 2.0, 3.0]]).gives(2, [3.5, 3.0, 4.0]),
        Case::new("a row past the end does not count", call(2))
            .given(&[&[2.5, 0.0, 7.0, 1.0], &[1.0, 0.0], &[0.0, 0.0, 0.0]])
            .gives(2, [2.5, 0.0, 1.0]),
        Case::new("many", call(100)).noise(200).noise(100).noise(3),
        Case::new("empty", call(0)).given(&[&[], &[], &[1.0, 1.0, 1.0]]).gives(2, [1.0, 1.0, 1.0]),
    ]
}
