//! Batch norm, statistics of the batch: mean and spread of every channel, which move the running ones.

use super::{Call, Case, grid};

kernel! {
    "batch_norm_stats" with "four_rows"
    params {
        /// Rows of the batch.
        rows: u32,
        /// Channels of a row.
        channels: u32,
        /// Entries of a channel: 1, or its places.
        inner: u32,
        /// Where the gains begin among the weights, or [`NONE`].
        gain: u32,
        /// Where the shifts begin among the weights, or [`NONE`].
        shift: u32,
        /// Where the running means begin among the weights.
        mean: u32,
        /// Where the running variances begin among the weights.
        variance: u32,
        /// Share of the batch in the running statistics.
        momentum: f32,
        /// Added to the variance.
        epsilon: f32,
    }
    buffers {
        x: reads f32,
        row_scale: reads f32,
        weights: writes f32,
        stats: writes f32,
    }
}

/// There are no gains or shifts.
pub const NONE: u32 = u32::MAX;

impl Params {
    /// Entries of x.
    pub fn len(&self) -> usize {
        (self.rows * self.channels * self.inner) as usize
    }

    /// Whether x has no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls `visit` with row and entry of everything in a channel.
    pub fn each_of(&self, channel: usize, mut visit: impl FnMut(usize, usize)) {
        let [channels, inner] = [self.channels, self.inner].map(|it| it as usize);
        for row in 0..self.rows as usize {
            let start = (row * channels + channel) * inner;
            (start..start + inner).for_each(|it| visit(row, it));
        }
    }
}

/// One invocation per channel, few to a workgroup: channels are long, and workgroups are what processors share.
pub fn workgroups(params: &Params) -> [u32; 3] {
    grid(params.channels, 8)
}

/// stats = [means, 1/√(variances + ε)] over the rows that weigh something; running += momentum · (batch − running), with
/// the unbiased variance. Without such rows nothing moves.
pub fn twin(params: &Params, x: &[f32], row_scale: &[f32], weights: &mut [f32], stats: &mut [f32]) {
    let Params { channels, inner, mean, variance, momentum, epsilon, .. } = *params;
    let share = 1.0 / inner as f32;
    let entries = row_scale[..params.rows as usize].iter().filter(|it| **it > 0.0).count() as f32 * inner as f32;
    for channel in 0..channels as usize {
        let (mut middle, mut spread) = (0.0, 0.0);
        params.each_of(channel, |row, at| middle += row_scale[row] * share * x[at]);
        params.each_of(channel, |row, at| spread += row_scale[row] * share * (x[at] - middle) * (x[at] - middle));
        stats[channel] = middle;
        stats[channels as usize + channel] = 1.0 / (spread + epsilon).sqrt();
        if entries > 0.0 {
            let unbiased = spread * entries / (entries - 1.0).max(1.0);
            let (running_mean, running_variance) = (mean as usize + channel, variance as usize + channel);
            weights[running_mean] += momentum * (middle - weights[running_mean]);
            weights[running_variance] += momentum * (unbiased - weights[running_variance]);
        }
    }
}

/// Gains at 1, shifts, running means and variances after each other.
pub(super) fn over(rows: u32, channels: u32, inner: u32) -> Params {
    let at = |it| 1 + it * channels;
    Params {
        rows,
        channels,
        inner,
        gain: at(0),
        shift: at(1),
        mean: at(2),
        variance: at(3),
        momentum: 0.1,
        epsilon: 1e-5,
    }
}

/// What every kernel of the batch norm is tried on.
pub(super) fn shapes() -> Vec<(&'static str, Params)> {
    vec![
        ("exactly one workgroup", over(5, 64, 1)),
        ("ragged, with places", over(7, 67, 6)),
        ("without gains and shifts", Params { gain: NONE, shift: NONE, ..over(4, 3, 5) }),
        ("empty", over(3, 0, 4)),
    ]
}

/// The weights of rows of which the last is past the end.
pub(super) fn scales(rows: u32) -> Vec<f32> {
    let valid = rows.max(2) - 1;
    (0..rows).map(|row| if row < valid { 1.0 / valid as f32 } else { 0.0 }).collect()
}

/// The weights of such a norm, with variances that could be.
pub(super) fn positive(params: &Params) -> Vec<f32> {
    (0..1 + 4 * params.channels).map(|it| 0.5 + (it % 7) as f32 / 4.0).collect()
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    cases_of(Call::BatchNormStats)
}

/// The cases for any kernel of this definition.
pub(super) fn cases_of(make: fn(Params) -> Call) -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let case = Case::new(about, make(params)).noise(params.len()).floats(scales(params.rows));
        case.floats(positive(&params)).noise(2 * params.channels as usize).within(3e-5)
    };
    let two = Params { epsilon: 0.0, momentum: 0.5, ..over(3, 1, 1) };
    let mut cases = vec![
        Case::new("one element", make(Params { epsilon: 4.0, ..over(1, 1, 1) }))
            .floats([3.0])
            .floats([1.0])
            .floats([9.0, 1.0, 0.0, 2.0, 5.0])
            .noise(2)
            .gives(2, [9.0, 1.0, 0.0, 2.1, 4.5])
            .gives(3, [3.0, 0.5]),
        // 1 and 5: mean 3, variance 4, unbiased 8; the third row is past the end.
        Case::new("two rows", make(two))
            .floats([1.0, 5.0, 99.0])
            .floats([0.5, 0.5, 0.0])
            .floats([9.0, 1.0, 0.0, 1.0, 2.0])
            .noise(2)
            .gives(2, [9.0, 1.0, 0.0, 2.0, 5.0])
            .gives(3, [3.0, 0.5]),
        Case::new("no rows move nothing", make(Params { epsilon: 4.0, ..over(1, 1, 1) }))
            .floats([3.0])
            .floats([0.0])
            .floats([9.0, 1.0, 0.0, 2.0, 5.0])
            .noise(2)
            .gives(2, [9.0, 1.0, 0.0, 2.0, 5.0]),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
