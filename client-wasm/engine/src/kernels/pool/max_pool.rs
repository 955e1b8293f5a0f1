//! Max pool: the largest entry in a sliding window.

use crate::kernels::{Call, Case, grid};

kernel! {
    "max_pool" with "items"
    params {
        /// Number of planes: rows of the batch times channels.
        planes: u32,
        /// Height of x.
        height: u32,
        /// Width of x.
        width: u32,
        /// Height of y.
        places_down: u32,
        /// Width of y.
        places_across: u32,
        /// Side of the window.
        size: u32,
        /// Entries between places.
        stride: u32,
        /// Entries of padding beyond each edge, which are never the maximum.
        padding: u32,
    }
    buffers { x: reads f32, y: writes f32 }
    // One invocation per place.
    runs |params| grid(params.y_len() as u32, 64);
}

impl Params {
    /// Number of entries of x.
    pub fn x_len(&self) -> usize {
        (self.planes * self.height * self.width) as usize
    }

    /// Number of entries of y.
    pub fn y_len(&self) -> usize {
        (self.planes * self.places_down * self.places_across) as usize
    }

    /// The entries of x under the window at an entry of y, row by row.
    pub fn under(&self, y: usize) -> impl Iterator<Item = usize> + use<> {
        let Self { height, width, places_down, places_across, stride, padding, size, .. } = *self;
        let (plane, place) = (y as u32 / (places_down * places_across), y as u32 % (places_down * places_across));
        let span = |place: u32, len: u32| {
            let start = place * stride;
            start.saturating_sub(padding)..(start + size).saturating_sub(padding).min(len)
        };
        let columns = span(place % places_across, width);
        let at = move |i: u32, j: u32| ((plane * height + i) * width + j) as usize;
        span(place / places_across, height).flat_map(move |i| columns.clone().map(move |j| at(i, j)))
    }
}

/// y = the largest x under the window.
pub fn twin(params: &Params, x: &[f32], y: &mut [f32]) {
    for (at, y) in y.iter_mut().enumerate().take(params.y_len()) {
        *y = params.under(at).map(|it| x[it]).fold(f32::MIN, f32::max);
    }
}

/// Parameters of a window over some planes.
pub fn over(planes: u32, [height, width]: [u32; 2], [size, stride, padding]: [u32; 3]) -> Params {
    let places = |len: u32| (len + 2 * padding - size) / stride + 1;
    Params { planes, height, width, places_down: places(height), places_across: places(width), size, stride, padding }
}

/// Shapes for the cases of every pool kernel.
pub(super) fn shapes() -> Vec<(&'static str, Params)> {
    vec![
        ("exactly one workgroup", over(4, [8, 8], [2, 2, 0])),
        ("ragged, with skipped entries", over(7, [7, 9], [2, 2, 0])),
        ("windows that overlap", over(3, [8, 7], [3, 2, 0])),
        ("strides beyond the window", over(3, [9, 9], [2, 3, 0])),
        ("the whole plane", over(70, [4, 4], [4, 1, 0])),
        ("empty", over(0, [4, 4], [2, 2, 0])),
    ]
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        Case::new(about, Call::MaxPool(params)).noise(params.x_len()).noise(params.y_len())
    };
    let mut cases = vec![
        Case::new("one element", Call::MaxPool(over(1, [1, 1], [1, 1, 0]))).given(&[&[-3.0], &[9.0]]).gives(1, [-3.0]),
        Case::new("padding is never the maximum", Call::MaxPool(over(1, [2, 2], [3, 2, 1])))
            .given(&[&[-1.0, -2.0, -3.0, -4.0], &[9.0]])
            .gives(1, [-1.0]),
        noise(("beyond the edges", over(6, [9, 8], [3, 2, 1]))),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
