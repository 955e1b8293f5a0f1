//! Advance: the cursor moves on to the next batch.

use super::{Call, Case};

kernel! {
    "advance"
    params {
        /// Rows of a batch.
        batch: u32,
    }
    buffers {
        cursor: writes u32,
    }
}

/// One invocation.
pub fn workgroups(_params: &Params) -> [u32; 3] {
    [1, 1, 1]
}

/// `cursor` is [position, end, steps taken]. Steps are counted for optimizers that depend on them.
pub fn twin(params: &Params, cursor: &mut [u32]) {
    cursor[0] += params.batch;
    cursor[2] += 1;
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new("one step", Call::Advance(Params { batch: 3 })).integers([4, 9, 1]).gives_integers(0, [7, 9, 2]),
        Case::new("the end does not stop it", Call::Advance(Params { batch: 1 }))
            .integers([9, 9, 0])
            .gives_integers(0, [10, 9, 1]),
    ]
}
