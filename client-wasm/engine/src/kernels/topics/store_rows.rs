//! Store rows, the backward pass of `load_rows`: stores the gradient of the matrix at the matrix's offset in the
//! gradients.

use super::load_rows::shapes;
use crate::kernels::{Call, Case, by_entries};

kernel! {
    "store_rows" with "entries"
    params of super::load_rows
    buffers { dy: reads f32, gradients: writes f32 }
    // One invocation per eight entries.
    runs |params| by_entries(params.rows * params.columns);
}

/// gradients of the matrix = dy.
pub fn twin(params: &Params, dy: &[f32], gradients: &mut [f32]) {
    let len = (params.rows * params.columns) as usize;
    gradients[params.offset as usize..][..len].copy_from_slice(&dy[..len]);
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let len = (params.rows * params.columns) as usize;
        Case::new(about, Call::StoreRows(params)).noise(len).noise(2 + len)
    };
    let one = Params { rows: 1, columns: 1, offset: 1 };
    let mut cases =
        vec![Case::new("one element", Call::StoreRows(one)).given(&[&[3.0], &[9.0, 8.0]]).gives(1, [9.0, 3.0])];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
