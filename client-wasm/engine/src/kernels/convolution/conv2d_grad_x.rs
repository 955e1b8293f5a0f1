//! Conv2d backward: the gradient of the input.

use super::conv2d::{NARROW, over, shapes};
use crate::kernels::{Call, Case, Layout, grid};

kernel! {
    "conv2d_grad_x" with "items"
    params of super::conv2d
    buffers { dy: reads f32, weights: reads f32, dx: writes f32 }
    // One invocation per entry of x and four channels of a group.
    runs |params| {
        let blocks = params.channels / params.group_channels.max(1) * params.group_channels.div_ceil(4);
        grid(params.rows * blocks * params.height * params.width, 64)
    };
    forms {
        "conv2d_grad_x_wide" in "software" with "items" "tiles" "registers": is_wide => wide,
        "conv2d_grad_x_tiled" with "workgroup": is_tiled => tiled,
    }
}

/// On software adapters, where groups are wide enough.
fn is_wide(params: &Params, layout: Layout) -> bool {
    layout == Layout::Registers && params.group_channels >= NARROW
}

/// One invocation per sixteen channels of a group and sixteen entries of x.
fn wide(params: &Params) -> Option<[u32; 3]> {
    let groups = params.channels / params.group_channels.max(1);
    let columns = params.rows * params.height * params.width;
    Some(grid(groups * params.group_channels.div_ceil(16) * columns.div_ceil(16), 4))
}

/// On real GPUs, where groups are wide enough.
fn is_tiled(params: &Params, layout: Layout) -> bool {
    layout == Layout::Workgroups && params.fits_tiles(params.group_channels)
}

/// One workgroup per 64 channels of a group and 64 entries of x.
fn tiled(params: &Params) -> Option<[u32; 3]> {
    let groups = params.channels / params.group_channels.max(1);
    let columns = params.rows * params.height * params.width;
    Some([columns.div_ceil(64), params.group_channels.div_ceil(64), groups])
}

/// dx = Σ dy · weight, over the products of [`Params::each_product`].
pub fn twin(params: &Params, dy: &[f32], weights: &[f32], dx: &mut [f32]) {
    dx[..params.x_len()].fill(0.0);
    let weight = &weights[params.offset as usize..];
    params.each_product(|to, by, from| dx[to] += dy[from] * weight[by]);
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let weights = params.offset as usize + params.weight_len();
        Case::new(about, Call::Conv2dGradX(params)).noise(params.y_len()).noise(weights).noise(params.x_len())
    };
    let mut cases = vec![
        Case::new("one element", Call::Conv2dGradX(Params { offset: 0, ..over([1, 1, 1, 1], 1, [1, 1, 0]) }))
            .given(&[&[3.0], &[2.0], &[9.0]])
            .gives(2, [6.0]),
        Case::new(
            "a place spreads over its window",
            Call::Conv2dGradX(Params { offset: 0, ..over([1, 1, 1, 3], 1, [1, 2, 0]) }),
        )
        .given(&[&[3.0, 5.0], &[2.0], &[9.0; 3]])
        .gives(2, [6.0, 0.0, 10.0]),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
