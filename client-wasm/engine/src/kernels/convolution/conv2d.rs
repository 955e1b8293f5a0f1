//! Conv2d: every filter is a weighted sum over a sliding window.

pub use crate::kernels::product::matmul::NO_BIAS;
use crate::kernels::{Call, Case, Layout, grid};

kernel! {
    "conv2d" with "items"
    params {
        /// Number of rows of the batch.
        rows: u32,
        /// Number of channels of x.
        channels: u32,
        /// Height of x.
        height: u32,
        /// Width of x.
        width: u32,
        /// Number of filters: channels of y.
        filters: u32,
        /// Height of y.
        places_down: u32,
        /// Width of y.
        places_across: u32,
        /// Side of the window.
        size: u32,
        /// Entries between places.
        stride: u32,
        /// Zeros beyond each edge.
        padding: u32,
        /// Number of filters that read the same channels: all filters, or 1 when every channel has a filter of its own.
        group_filters: u32,
        /// Number of channels that a filter reads.
        group_channels: u32,
        /// Offset of the weight in its buffer.
        offset: u32,
        /// Offset of the biases in the same buffer, or [`NO_BIAS`].
        bias: u32,
    }
    buffers { x: reads f32, weights: reads f32, y: writes f32 }
    // One invocation per place and four filters.
    runs |params| product(params).plain();
    forms {
        "conv2d_wide" in "software" with "items" "tiles" "registers":
            |params, layout| product(params).is_wide(layout) => |params| product(params).wide(),
        "conv2d_tiled" with "workgroup":
            |params, layout| product(params).is_tiled(params, layout) => |params| product(params).tiled(64),
    }
}

impl Params {
    /// Number of entries of x.
    pub fn x_len(&self) -> usize {
        (self.rows * self.channels * self.height * self.width) as usize
    }

    /// Number of entries of y.
    pub fn y_len(&self) -> usize {
        (self.rows * self.filters * self.places_down * self.places_across) as usize
    }

    /// Number of entries of the weight.
    pub fn weight_len(&self) -> usize {
        (self.filters * self.group_channels * self.size * self.size) as usize
    }

    /// Entry along an axis of `len` under tap `tap` of the window at `place`; `None` beyond an edge.
    pub fn entry(&self, place: u32, tap: u32, len: u32) -> Option<u32> {
        (place * self.stride + tap).checked_sub(self.padding).filter(|it| *it < len)
    }

    /// Whether filters or channels are numerous enough for a tile. More than 65,535 workgroups in the first dimension
    /// would only occur with batches that no recipe allows.
    fn fits_tiles(&self, lines: u32) -> bool {
        let columns = self.rows * (self.places_down * self.places_across).max(self.height * self.width);
        lines >= NARROW && columns.div_ceil(64) <= 65_535
    }

    /// Calls `visit` with the entries of x, weight and y (each in its own numbering) of every product in the
    /// convolution's sums: forward and backward passes sum the same products over different entries.
    pub fn each_product(&self, mut visit: impl FnMut(usize, usize, usize)) {
        for row in 0..self.rows {
            for filter in 0..self.filters {
                for (down, across) in pairs(self.places_down, self.places_across) {
                    let y = ((row * self.filters + filter) * self.places_down + down) * self.places_across + across;
                    for seen in 0..self.group_channels {
                        let channel = filter / self.group_filters * self.group_channels + seen;
                        for (u, v) in pairs(self.size, self.size) {
                            let places = (self.entry(down, u, self.height), self.entry(across, v, self.width));
                            let (Some(i), Some(j)) = places else { continue };
                            let x = ((row * self.channels + channel) * self.height + i) * self.width + j;
                            let weight = ((filter * self.group_channels + seen) * self.size + u) * self.size + v;
                            visit(x as usize, weight as usize, y as usize);
                        }
                    }
                }
            }
        }
    }
}

/// Number of lines per group below which a tile has too little to share.
const NARROW: u32 = 4;

fn pairs(rows: u32, columns: u32) -> impl Iterator<Item = (u32, u32)> {
    (0..rows).flat_map(move |row| (0..columns).map(move |column| (row, column)))
}

/// A pass of the convolution as a matrix product: lines, group by group, times columns.
pub(super) struct Product {
    /// Number of groups.
    pub(super) groups: u32,
    /// Number of lines of a group.
    pub(super) lines: u32,
    /// Number of columns of a group.
    pub(super) columns: u32,
}

impl Product {
    /// Workgroups of the plain shader: one invocation per four lines of a group and a column.
    pub(super) fn plain(&self) -> [u32; 3] {
        grid(self.groups * self.lines.div_ceil(4) * self.columns, 64)
    }

    /// Whether the wide shader is used: on software adapters, where groups are wide enough.
    pub(super) fn is_wide(&self, layout: Layout) -> bool {
        layout == Layout::Registers && self.lines >= NARROW
    }

    /// Workgroups of the wide shader: one invocation per sixteen lines of a group and sixteen columns.
    pub(super) fn wide(&self) -> Option<[u32; 3]> {
        Some(grid(self.groups * self.lines.div_ceil(16) * self.columns.div_ceil(16), 4))
    }

    /// Whether the tiled shader is used: on real GPUs, where groups are wide enough.
    pub(super) fn is_tiled(&self, params: &Params, layout: Layout) -> bool {
        layout == Layout::Workgroups && params.fits_tiles(self.lines)
    }

    /// Workgroups of the tiled shader: one per `side` lines of a group and as many columns.
    pub(super) fn tiled(&self, side: u32) -> Option<[u32; 3]> {
        Some([self.columns.div_ceil(side), self.lines.div_ceil(side), self.groups])
    }
}

/// The forward pass as a product: filters by places.
fn product(params: &Params) -> Product {
    let columns = params.rows * params.places_down * params.places_across;
    Product { groups: params.filters / params.group_filters.max(1), lines: params.group_filters, columns }
}

/// y = Σ x · weight + bias, over the products of [`Params::each_product`].
pub fn twin(params: &Params, x: &[f32], weights: &[f32], y: &mut [f32]) {
    let places = (params.places_down * params.places_across) as usize;
    for (at, y) in y.iter_mut().enumerate().take(params.y_len()) {
        let filter = at / places % params.filters as usize;
        *y = if params.bias == NO_BIAS { 0.0 } else { weights[params.bias as usize + filter] };
    }
    let weight = &weights[params.offset as usize..];
    params.each_product(|from, by, to| y[to] += x[from] * weight[by]);
}

/// Parameters of a convolution over `rows` images of `channels` × `height` × `width`, with weights at offset 3 and
/// biases after them.
pub fn over([rows, channels, height, width]: [u32; 4], filters: u32, [size, stride, padding]: [u32; 3]) -> Params {
    let places = |len: u32| (len + 2 * padding - size) / stride + 1;
    Params {
        rows,
        channels,
        height,
        width,
        filters,
        places_down: places(height),
        places_across: places(width),
        size,
        stride,
        padding,
        group_filters: filters,
        group_channels: channels,
        offset: 3,
        bias: 3 + filters * channels * size * size,
    }
}

/// The same parameters with a filter per channel, and without biases.
pub fn by_channel(params: Params) -> Params {
    Params { filters: params.channels, group_filters: 1, group_channels: 1, bias: NO_BIAS, ..params }
}

/// Shapes for the cases of every convolution kernel.
pub(super) fn shapes() -> Vec<(&'static str, Params)> {
    vec![
        ("exactly one workgroup", over([1, 2, 8, 8], 4, [3, 1, 1])),
        ("ragged", over([3, 3, 9, 7], 5, [3, 1, 0])),
        ("strides skip entries", over([2, 3, 10, 11], 6, [3, 2, 1])),
        ("strides beyond the window", over([2, 2, 9, 9], 3, [1, 3, 0])),
        ("a wide window", over([2, 1, 12, 12], 7, [5, 1, 2])),
        ("more than one tile in each direction", over([2, 17, 6, 7], 18, [3, 1, 1])),
        (
            "groups of several",
            Params { group_filters: 3, group_channels: 2, bias: 3 + 6 * 2 * 9, ..over([2, 4, 5, 5], 6, [3, 2, 1]) },
        ),
        ("every channel by itself", by_channel(over([2, 5, 6, 7], 5, [3, 2, 1]))),
        ("empty", over([0, 2, 5, 5], 3, [3, 1, 1])),
    ]
}

/// Inputs on which twin and shader must agree.
pub fn cases() -> Vec<Case> {
    let noise = |(about, params): (_, Params)| {
        let weights = params.offset as usize + params.weight_len() + params.filters as usize;
        Case::new(about, Call::Conv2d(params)).noise(params.x_len()).noise(weights).noise(params.y_len())
    };
    let mut cases = vec![
        Case::new("one element", Call::Conv2d(Params { offset: 0, bias: 1, ..over([1, 1, 1, 1], 1, [1, 1, 0]) }))
            .given(&[&[3.0], &[2.0, 0.5], &[9.0]])
            .gives(2, [6.5]),
        Case::new(
            "a corner reads four entries",
            Call::Conv2d(Params { offset: 0, bias: NO_BIAS, ..over([1, 1, 2, 2], 1, [3, 1, 1]) }),
        )
        .given(&[&[1.0, 2.0, 3.0, 4.0], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], &[9.0; 4]])
        // At (0, 0): 5·1 + 6·2 + 8·3 + 9·4, and so on.
        .gives(2, [77.0, 67.0, 47.0, 37.0]),
    ];
    cases.extend(shapes().into_iter().map(noise));
    cases
}
