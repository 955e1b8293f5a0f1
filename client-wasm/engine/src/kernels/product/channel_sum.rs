//! Channel sum: the gradient of a bias, which is the sum of its channel's gradients over rows and places.

use crate::kernels::{Call, Case, grid};

kernel! {
    "channel_sum" with "items" "four_rows"
    params {
        /// Number of rows.
        rows: u32,
        /// Number of channels of a row.
        channels: u32,
        /// Number of entries of a channel: 1, or its places.
        inner: u32,
        /// Offset of the first sum in `sums`.
        offset: u32,
    }
    buffers { x: reads f32, sums: writes f32 }
    // One invocation per channel, small workgroups: software adapters spread workgroups, not invocations, over cores.
    runs |params| grid(params.channels, 8);
    forms {
        "channel_sum_tiled" with "total": |it, layout| layout.shares_sums(it.rows * it.inner) => |it| Some(grid(it.channels, 1)),
    }
}

/// sums[offset + c] = Σ x[r, c, i] over r and i.
pub fn twin(params: &Params, x: &[f32], sums: &mut [f32]) {
    let [channels, inner] = [params.channels, params.inner].map(|it| it as usize);
    for channel in 0..channels {
        let mut sum = 0.0;
        for row in 0..params.rows as usize {
            for entry in 0..inner {
                sum += x[(row * channels + channel) * inner + entry];
            }
        }
        sums[params.offset as usize + channel] = sum;
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |rows, channels, inner, offset| Call::ChannelSum(Params { rows, channels, inner, offset });
    vec![
        Case::new("one element", call(1, 1, 1, 0)).given(&[&[4.0], &[9.0]]).gives(1, [4.0]),
        Case::new("entries before the offset do not change", call(2, 2, 1, 1))
            .given(&[&[1.0, 2.0, 3.0, 4.0], &[9.0, 9.0, 9.0]])
            .gives(1, [9.0, 4.0, 6.0]),
        Case::new("places of a channel are contiguous", call(1, 2, 2, 0))
            .given(&[&[1.0, 2.0, 3.0, 4.0], &[9.0, 9.0]])
            .gives(1, [3.0, 7.0]),
        Case::new("exactly one workgroup", call(5, 64, 1, 0)).noise(320).noise(64),
        Case::new("ragged", call(33, 101, 7, 7)).noise(33 * 101 * 7).noise(108),
        Case::new("more than one row of workgroups", call(1, 65_535 * 64 + 9, 1, 0))
            .noise(65_535 * 64 + 9)
            .noise(65_535 * 64 + 9),
        Case::new("no rows sum to zero", call(0, 3, 1, 0)).floats([]).noise(3).gives(1, [0.0, 0.0, 0.0]),
        Case::new("empty", call(4, 0, 1, 0)).given(&[&[], &[]]),
    ]
}
