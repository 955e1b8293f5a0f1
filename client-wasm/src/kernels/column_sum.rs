//! Column sum: the gradient of a bias is the sum of its output's gradients over the rows.

use super::{Call, Case, grid};

kernel! {
    "column_sum"
    params {
        /// Rows.
        rows: u32,
        /// Columns.
        columns: u32,
        /// Where the sums begin in `sums`.
        offset: u32,
    }
    buffers {
        x: reads f32,
        sums: writes f32,
    }
}

/// One invocation per column.
pub fn workgroups(params: &Params) -> [u32; 3] {
    grid(params.columns, 64)
}

/// sums[offset + c] = Σᵣ x[r, c].
pub fn twin(params: &Params, x: &[f32], sums: &mut [f32]) {
    let columns = params.columns as usize;
    for column in 0..columns {
        let rows = 0..params.rows as usize;
        sums[params.offset as usize + column] = rows.map(|row| x[row * columns + column]).sum();
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |rows, columns, offset| Call::ColumnSum(Params { rows, columns, offset });
    vec![
        Case::new("one element", call(1, 1, 0)).floats([4.0]).floats([9.0]).gives(1, [4.0]),
        Case::new("what lies before the offset stays", call(2, 2, 1))
            .floats([1.0, 2.0, 3.0, 4.0])
            .floats([9.0, 9.0, 9.0])
            .gives(1, [9.0, 4.0, 6.0]),
        Case::new("exactly one workgroup", call(5, 64, 0)).noise(320).noise(64),
        Case::new("ragged", call(33, 101, 7)).noise(3333).noise(108),
        Case::new("more than one row of workgroups", call(1, 65_535 * 64 + 9, 0))
            .noise(65_535 * 64 + 9)
            .noise(65_535 * 64 + 9),
        Case::new("no rows sum to zero", call(0, 3, 0)).floats([]).noise(3).gives(1, [0.0, 0.0, 0.0]),
        Case::new("empty", call(4, 0, 0)).floats([]).floats([]),
    ]
}
