//! Max pool backward: the gradient of a place goes to its first largest entry.

use super::max_pool::{over, shapes};
use super::{Call, Case, grid};

kernel! {
    "max_pool_grad"
    params of max_pool
    buffers {
        x: reads f32,
        y: reads f32,
        dy: reads f32,
        dx: writes f32,
    }
}

/// One invocation per entry of x.
pub fn workgroups(params: &Params) -> [u32; 3] {
    grid(params.x_len() as u32, 64)
}

/// dx = Σ dy over the places whose first largest entry, row by row, it is.
pub fn twin(params: &Params, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32]) {
    dx[..params.x_len()].fill(0.0);
    for at in 0..params.y_len() {
        if let Some(winner) = params.under(at).find(|&it| x[it] == y[at]) {
            dx[winner] += dy[at];
        }
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    cases_of(Call::MaxPoolGrad, |_| true)
}

/// The same for every form of the kernel, where it fits.
pub(super) fn cases_of(call: fn(Params) -> Call, fits: fn(&Params) -> bool) -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        // Few values, so that there are ties.
        let x: Vec<f32> = (0..params.x_len()).map(|it| (it * 7 % 5) as f32).collect();
        let mut y = vec![0.0; params.y_len()];
        super::max_pool::twin(&params, &x, &mut y);
        Case::new(about, call(params)).floats(x).floats(y).noise(params.y_len()).noise(params.x_len())
    };
    let mut cases = vec![
        Case::new("one element", call(over(1, [1, 1], [1, 1, 0])))
            .floats([3.0])
            .floats([3.0])
            .floats([2.0])
            .floats([9.0])
            .gives(3, [2.0]),
        Case::new("the first of equals takes it all", call(over(1, [2, 2], [2, 2, 0])))
            .floats([1.0, 5.0, 5.0, 5.0])
            .floats([5.0])
            .floats([2.0])
            .floats([9.0; 4])
            .gives(3, [0.0, 2.0, 0.0, 0.0]),
    ];
    let shapes = [("beyond the edges", over(6, [9, 8], [3, 2, 1]))].into_iter().chain(shapes());
    cases.extend(shapes.filter(|it| fits(&it.1)).map(noise));
    cases
}
