//! Advance: moves the cursor to the next batch.

use crate::kernels::{Call, Case};

kernel! {
    "advance"
    params {
        /// Number of rows of a batch.
        batch: u32,
    }
    buffers { cursor: writes u32 }
    // One invocation.
    runs |_params| [1, 1, 1];
}

/// `cursor` is [position, end, steps taken]. Optimizers that depend on the number of steps read the third.
pub fn twin(params: &Params, cursor: &mut [u32]) {
    cursor[0] += params.batch;
    cursor[2] += 1;
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new("one step", Call::Advance(Params { batch: 3 })).integers([4, 9, 1]).gives_integers(0, [7, 9, 2]),
        Case::new("the cursor moves past the end", Call::Advance(Params { batch: 1 }))
            .integers([9, 9, 0])
            .gives_integers(0, [10, 9, 1]),
    ]
}
