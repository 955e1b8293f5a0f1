//! Channel sum: the gradient of a bias is the sum of its channel's gradients over rows and places.

use super::{Call, Case, grid};

kernel! {
    "channel_sum" with "four_rows"
    params {
        /// Rows.
        rows: u32,
        /// Channels of a row.
        channels: u32,
        /// Entries of a channel: 1, or its places.
        inner: u32,
        /// Where the sums begin in `sums`.
        offset: u32,
    }
    buffers {
        x: reads f32,
        sums: writes f32,
    }
}

/// One invocation per channel, few to a workgroup: channels are long, and workgroups are what processors share.
pub fn workgroups(params: &Params) -> [u32; 3] {
    grid(params.channels, 8)
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
    cases_of(Call::ChannelSum)
}

/// The cases for any kernel of this definition.
pub(super) fn cases_of(make: fn(Params) -> Call) -> Vec<Case> {
    let call = |rows, channels, inner, offset| make(Params { rows, channels, inner, offset });
    vec![
        Case::new("one element", call(1, 1, 1, 0)).floats([4.0]).floats([9.0]).gives(1, [4.0]),
        Case::new("what lies before the offset stays", call(2, 2, 1, 1))
            .floats([1.0, 2.0, 3.0, 4.0])
            .floats([9.0, 9.0, 9.0])
            .gives(1, [9.0, 4.0, 6.0]),
        Case::new("places of a channel lie together", call(1, 2, 2, 0))
            .floats([1.0, 2.0, 3.0, 4.0])
            .floats([9.0, 9.0])
            .gives(1, [3.0, 7.0]),
        Case::new("exactly one workgroup", call(5, 64, 1, 0)).noise(320).noise(64),
        Case::new("ragged", call(33, 101, 7, 7)).noise(33 * 101 * 7).noise(108),
        Case::new("more than one row of workgroups", call(1, 65_535 * 64 + 9, 1, 0))
            .noise(65_535 * 64 + 9)
            .noise(65_535 * 64 + 9),
        Case::new("no rows sum to zero", call(0, 3, 1, 0)).floats([]).noise(3).gives(1, [0.0, 0.0, 0.0]),
        Case::new("empty", call(4, 0, 1, 0)).floats([]).floats([]),
    ]
}
