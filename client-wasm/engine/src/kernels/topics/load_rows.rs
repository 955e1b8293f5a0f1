//! Load rows: loads a matrix of weights as a batch with its rows as samples, as input for the kernels of batches.

use crate::kernels::{Call, Case, by_entries};

kernel! {
    "load_rows" with "entries"
    params {
        /// Number of rows of the matrix.
        rows: u32,
        /// Number of columns of the matrix.
        columns: u32,
        /// Offset of the matrix in the weights.
        offset: u32,
    }
    buffers { weights: reads f32, y: writes f32, row_scale: writes f32 }
    // One invocation per eight entries.
    runs |params| by_entries(params.rows * params.columns);
}

/// y = the matrix; all rows have the same weight.
pub fn twin(params: &Params, weights: &[f32], y: &mut [f32], row_scale: &mut [f32]) {
    let len = (params.rows * params.columns) as usize;
    y[..len].copy_from_slice(&weights[params.offset as usize..][..len]);
    if len > 0 {
        row_scale[..params.rows as usize].fill(1.0 / params.rows as f32);
    }
}

/// Shapes for the cases of `load_rows` and `store_rows`.
pub(super) fn shapes() -> Vec<(&'static str, Params)> {
    let over = |rows, columns| Params { rows, columns, offset: 2 };
    vec![("exactly one workgroup", over(8, 64)), ("ragged", over(13, 61)), ("empty", over(0, 5))]
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let len = (params.rows * params.columns) as usize;
        Case::new(about, Call::LoadRows(params)).noise(2 + len).noise(len).noise(params.rows as usize)
    };
    let mut cases = vec![
        Case::new("one element", Call::LoadRows(Params { rows: 1, columns: 1, offset: 1 }))
            .floats([9.0, 3.0])
            .noise(1)
            .noise(1)
            .gives(1, [3.0])
            .gives(2, [1.0]),
        Case::new("two rows have a weight of one half each", Call::LoadRows(Params { rows: 2, columns: 1, offset: 0 }))
            .floats([4.0, 5.0])
            .noise(2)
            .noise(2)
            .gives(1, [4.0, 5.0])
            .gives(2, [0.5, 0.5]),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
