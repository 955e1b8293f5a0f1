//! Conv2d backward: the gradient of the weight.

use super::conv2d::{NARROW, over, shapes};
use crate::kernels::{Call, Case, Layout, grid};

kernel! {
    "conv2d_grad_w" with "items"
    params of super::conv2d
    buffers { dy: reads f32, x: reads f32, gradients: writes f32 }
    // One invocation per entry of the window, channel, and four filters of a group.
    runs |params| {
        let blocks = params.filters / params.group_filters.max(1) * params.group_filters.div_ceil(4);
        grid(blocks * params.group_channels * params.size * params.size, 64)
    };
    forms {
        "conv2d_grad_w_wide" in "software" with "items" "tiles" "registers": is_wide => wide,
        "conv2d_grad_w_tiled" with "slices": is_tiled => tiled,
    }
}

/// On software adapters, where groups are wide enough.
fn is_wide(params: &Params, layout: Layout) -> bool {
    layout == Layout::Registers && params.group_filters >= NARROW
}

/// One invocation per sixteen filters of a group and sixteen taps.
fn wide(params: &Params) -> Option<[u32; 3]> {
    let groups = params.filters / params.group_filters.max(1);
    let columns = params.group_channels * params.size * params.size;
    Some(grid(groups * params.group_filters.div_ceil(16) * columns.div_ceil(16), 4))
}

/// On real GPUs, where groups are wide enough.
fn is_tiled(params: &Params, layout: Layout) -> bool {
    layout == Layout::Workgroups && params.fits_tiles(params.group_filters)
}

/// One workgroup per sixteen filters of a group and sixteen taps.
fn tiled(params: &Params) -> Option<[u32; 3]> {
    let groups = params.filters / params.group_filters.max(1);
    let columns = params.group_channels * params.size * params.size;
    Some([columns.div_ceil(16), params.group_filters.div_ceil(16), groups])
}

/// gradients[offset..] = Σ dy · x, over the products of [`Params::each_product`].
pub fn twin(params: &Params, dy: &[f32], x: &[f32], gradients: &mut [f32]) {
    let gradient = &mut gradients[params.offset as usize..][..params.weight_len()];
    gradient.fill(0.0);
    params.each_product(|by, to, from| gradient[to] += dy[from] * x[by]);
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let gradients = params.offset as usize + params.weight_len();
        let case = Case::new(about, Call::Conv2dGradW(params));
        case.noise(params.y_len()).noise(params.x_len()).noise(gradients).within(3e-5)
    };
    let mut cases = vec![
        Case::new("one element", Call::Conv2dGradW(Params { offset: 1, ..over([1, 1, 1, 1], 1, [1, 1, 0]) }))
            .given(&[&[3.0], &[2.0], &[9.0, 9.0]])
            .gives(2, [9.0, 6.0]),
        Case::new("two rows add up", Call::Conv2dGradW(Params { offset: 0, ..over([2, 1, 1, 2], 1, [1, 1, 0]) }))
            .given(&[&[1.0, 2.0, 3.0, 4.0], &[1.0, 10.0, 100.0, 1000.0], &[9.0]])
            .gives(2, [4321.0]),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
