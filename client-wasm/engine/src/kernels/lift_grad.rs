//! Lift backward: the gradient of a lifted matrix goes back to where the matrix lies among the weights.

use super::lift::shapes;
use super::{Call, Case, by_entries};

kernel! {
    "lift_grad" with "entries"
    params of lift
    buffers {
        dy: reads f32,
        gradients: writes f32,
    }
}

/// One invocation per eight entries.
pub fn workgroups(params: &Params) -> [u32; 3] {
    by_entries(params.rows * params.columns)
}

/// The matrix's gradients = dy.
pub fn twin(params: &Params, dy: &[f32], gradients: &mut [f32]) {
    let len = (params.rows * params.columns) as usize;
    gradients[params.offset as usize..][..len].copy_from_slice(&dy[..len]);
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let len = (params.rows * params.columns) as usize;
        Case::new(about, Call::LiftGrad(params)).noise(len).noise(2 + len)
    };
    let one = Params { rows: 1, columns: 1, offset: 1 };
    let mut cases =
        vec![Case::new("one element", Call::LiftGrad(one)).floats([3.0]).floats([9.0, 8.0]).gives(1, [9.0, 3.0])];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
