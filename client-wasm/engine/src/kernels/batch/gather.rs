//! Gather: copies the next samples, in this epoch's order, into the batch.

use crate::kernels::{Call, Case, by_entries};

kernel! {
    "gather" with "entries"
    params {
        /// Number of rows of the batch.
        batch: u32,
        /// Number of features of a sample.
        sample_len: u32,
        /// Factor by which a feature byte is multiplied.
        scale: f32,
        /// Summand that is added after the multiplication.
        shift: f32,
    }
    buffers {
        features: reads u32, answers: reads u32, order: reads u32, cursor: reads u32, x: writes f32,
        labels: writes u32, row_scale: writes f32,
    }
    // One invocation per eight features of the batch.
    runs |params| by_entries(params.batch * params.sample_len);
}

/// `cursor` is [position in the order, end of the order]. Rows past the end are zeros with weight 0; each of the others
/// has a weight of one over their number, so that the loss is a mean over the samples present.
#[expect(clippy::too_many_arguments, reason = "a twin takes the buffers of its shader")]
pub fn twin(
    params: &Params,
    features: &[u32],
    answers: &[u32],
    order: &[u32],
    cursor: &[u32],
    x: &mut [f32],
    labels: &mut [u32],
    row_scale: &mut [f32],
) {
    let bytes: &[u8] = bytemuck::cast_slice(features);
    let len = params.sample_len as usize;
    let valid = (cursor[1] - cursor[0].min(cursor[1])).min(params.batch) as usize;
    for row in 0..params.batch as usize {
        if row >= valid {
            x[row * len..][..len].fill(0.0);
            labels[row] = 0;
            row_scale[row] = 0.0;
            continue;
        }
        let sample = order[cursor[0] as usize + row] as usize;
        for (entry, byte) in x[row * len..][..len].iter_mut().zip(&bytes[sample * len..]) {
            *entry = f32::from(*byte) * params.scale + params.shift;
        }
        labels[row] = answers[sample];
        row_scale[row] = 1.0 / valid as f32;
    }
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let call = |batch, sample_len, scale, shift| Call::Gather(Params { batch, sample_len, scale, shift });
    let random = |batch: u32, sample_len: u32, samples: u32, cursor| {
        let words = (samples * sample_len).div_ceil(4);
        Case::new("a ragged batch at the end of a long order", call(batch, sample_len, 1.0 / 255.0, -0.5))
            .integers((0..words).map(|it| it.wrapping_mul(0x9E37_79B9)).collect::<Vec<_>>())
            .integers((0..samples).map(|it| it % 10).collect::<Vec<_>>())
            .integers((0..samples).rev().collect::<Vec<_>>())
            .integers(cursor)
            .noise((batch * sample_len) as usize)
            .integers(vec![9; batch as usize])
            .noise(batch as usize)
    };
    vec![
        Case::new("one element", call(1, 1, 0.5, 0.25))
            .integers([0x0000_0200])
            .integers([3, 4])
            .integers([1])
            .integers([0, 1])
            .floats([9.0])
            .integers([9])
            .floats([9.0])
            .gives(4, [1.25])
            .gives_integers(5, [4])
            .gives(6, [1.0]),
        Case::new("two samples of three bytes, the third row is past the end", call(3, 3, 1.0, 0.0))
            .integers([0x0403_0201, 0x0000_0605])
            .integers([7, 8])
            .integers([0, 1, 0])
            .integers([1, 3])
            .noise(9)
            .integers([9, 9, 9])
            .noise(3)
            .gives(4, [4.0, 5.0, 6.0, 1.0, 2.0, 3.0, 0.0, 0.0, 0.0])
            .gives_integers(5, [8, 7, 0])
            .gives(6, [0.5, 0.5, 0.0]),
        random(16, 16, 40, [0, 40]),
        random(33, 21, 50, [40, 50]),
        Case { about: "the order is at its end", ..random(5, 7, 9, [9, 9]) },
        Case { about: "beyond the end", ..random(5, 7, 9, [12, 9]) },
    ]
}
