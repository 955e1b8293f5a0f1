//! Batch norm, batch statistics: mean and spread of every channel, which also update the running statistics.

use crate::kernels::{Call, Case, grid};

kernel! {
    "batch_norm_stats" with "items" "four_rows" "moved_stats"
    params {
        /// Number of rows of the batch.
        rows: u32,
        /// Number of channels of a row.
        channels: u32,
        /// Number of entries of a channel: 1, or its places.
        inner: u32,
        /// Offset of the gains in the weights, or [`NONE`].
        gain: u32,
        /// Offset of the shifts in the weights, or [`NONE`].
        shift: u32,
        /// Offset of the running means in the weights.
        mean: u32,
        /// Offset of the running variances in the weights.
        variance: u32,
        /// Weight of the batch in the running statistics.
        momentum: f32,
        /// Constant added to the variance.
        epsilon: f32,
    }
    buffers { x: reads f32, row_scale: reads f32, weights: writes f32, stats: writes f32 }
    // One invocation per channel, small workgroups: software adapters spread workgroups, not invocations, over cores.
    runs |params| grid(params.channels, 8);
    forms {
        "batch_norm_stats_tiled" with "total" "moved_stats": |it, layout| layout.shares_sums(it.rows * it.inner) => |it| Some(grid(it.channels, 1)),
    }
}

/// Marks that there are no gains or shifts.
pub const NONE: u32 = u32::MAX;

impl Params {
    /// Number of entries of x.
    pub fn len(&self) -> usize {
        (self.rows * self.channels * self.inner) as usize
    }

    /// Whether x has no entries.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls `visit` with row and entry index of everything in a channel.
    pub fn each_of(&self, channel: usize, mut visit: impl FnMut(usize, usize)) {
        let [channels, inner] = [self.channels, self.inner].map(|it| it as usize);
        for row in 0..self.rows as usize {
            let start = (row * channels + channel) * inner;
            (start..start + inner).for_each(|it| visit(row, it));
        }
    }
}

/// Computes stats = [means, 1/√(variances + ε)] over the rows with a weight above 0; running += momentum · (batch −
/// running), with the unbiased variance. Without such rows the running statistics do not change.
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

/// Parameters with gains at offset 1, followed by shifts, running means and running variances.
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

/// Shapes for the cases of every batch norm kernel.
pub(super) fn shapes() -> Vec<(&'static str, Params)> {
    vec![
        ("exactly one workgroup", over(5, 64, 1)),
        ("ragged, with places", over(7, 67, 6)),
        ("without gains and shifts", Params { gain: NONE, shift: NONE, ..over(4, 3, 5) }),
        ("empty", over(3, 0, 4)),
    ]
}

/// Weights of rows, the last of which is past the end.
pub(super) fn scales(rows: u32) -> Vec<f32> {
    let valid = rows.max(2) - 1;
    (0..rows).map(|row| if row < valid { 1.0 / valid as f32 } else { 0.0 }).collect()
}

/// Weights for these parameters, with valid (positive) variances.
pub(super) fn positive(params: &Params) -> Vec<f32> {
    (0..1 + 4 * params.channels).map(|it| 0.5 + (it % 7) as f32 / 4.0).collect()
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let case = Case::new(about, Call::BatchNormStats(params)).noise(params.len()).floats(scales(params.rows));
        case.floats(positive(&params)).noise(2 * params.channels as usize).within(3e-5)
    };
    let two = Params { epsilon: 0.0, momentum: 0.5, ..over(3, 1, 1) };
    let mut cases = vec![
        Case::new("one element", Call::BatchNormStats(Params { epsilon: 4.0, ..over(1, 1, 1) }))
            .given(&[&[3.0], &[1.0], &[9.0, 1.0, 0.0, 2.0, 5.0]])
            .noise(2)
            .gives(2, [9.0, 1.0, 0.0, 2.1, 4.5])
            .gives(3, [3.0, 0.5]),
        // 1 and 5: mean 3, variance 4, unbiased 8; the third row is past the end.
        Case::new("two rows", Call::BatchNormStats(two))
            .given(&[&[1.0, 5.0, 99.0], &[0.5, 0.5, 0.0], &[9.0, 1.0, 0.0, 1.0, 2.0]])
            .noise(2)
            .gives(2, [9.0, 1.0, 0.0, 2.0, 5.0])
            .gives(3, [3.0, 0.5]),
        Case::new("without rows nothing changes", Call::BatchNormStats(Params { epsilon: 4.0, ..over(1, 1, 1) }))
            .given(&[&[3.0], &[0.0], &[9.0, 1.0, 0.0, 2.0, 5.0]])
            .noise(2)
            .gives(2, [9.0, 1.0, 0.0, 2.0, 5.0]),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
