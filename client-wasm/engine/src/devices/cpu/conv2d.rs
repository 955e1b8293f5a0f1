//! Convolutions as matrix products over patches (implicit im2col and GEMM), a few images at a time.

use std::cell::RefCell;
use std::ops::Range;

use pulp::Simd;

use super::gemm::{Base, Panels, Target, Tile, gemm, put, put_some};
use super::gradient;
use super::im2col::{ByPlace, ByTap, Patches, Sweep};
use super::matmul::Rows;
use super::strided::Strided;
use crate::kernels::convolution::conv2d::{NO_BIAS, Params};

thread_local! {
    /// Reused between steps, so that no step allocates memory.
    static SCRATCH: RefCell<(Patches, Vec<f32>)> = RefCell::default();
    static GRADIENT: RefCell<gradient::Scratch> = RefCell::default();
}

/// Number of places from which packing the weights pays off.
const WORTHWHILE: usize = 1024;

/// Number of filters below which packing patches does not pay off.
const FEW: usize = 64;

/// Whether all filters read all channels.
pub(super) fn fits(params: &Params) -> bool {
    (params.group_filters, params.group_channels) == (params.filters, params.channels)
}

/// y = weight · patches(x) + bias.
pub(super) fn forward(params: &Params, x: &[f32], weights: &[f32], y: &mut [f32]) {
    let (sweep, filters) = (sweep(params), params.filters as usize);
    let weight = Strided { values: &weights[params.offset as usize..], line: sweep.taps(), step: 1 };
    let bias = (params.bias != NO_BIAS).then(|| &weights[params.bias as usize..][..filters]);
    SCRATCH.with_borrow_mut(|(patches, _)| {
        swept(&sweep, params.rows as usize, filters, &weight, bias, x, y, patches);
    });
}

/// dx: the same product with the kernels rotated and with zeros around dy; with a stride, weightᵀ · dy added back to
/// the entries that the patches came from.
pub(super) fn grad_x(params: &Params, dy: &[f32], weights: &[f32], dx: &mut [f32]) {
    let forth = sweep(params);
    let weight = &weights[params.offset as usize..][..params.weight_len()];
    SCRATCH.with_borrow_mut(|(patches, scratch)| {
        if forth.stride == 1 && forth.padding < forth.size {
            let back = Sweep {
                channels: params.filters as usize,
                height: forth.places_down,
                width: forth.places_across,
                places_down: forth.height,
                places_across: forth.width,
                padding: forth.size - 1 - forth.padding,
                ..forth
            };
            turned(weight, &forth, scratch);
            let kernels = Strided { values: scratch, line: back.taps(), step: 1 };
            swept(&back, params.rows as usize, forth.channels, &kernels, None, dy, dx, patches);
        } else {
            put_back(&forth, params, weight, dy, dx, patches, scratch);
        }
    });
}

/// d weight = Σ dy · patches(x)ᵀ.
pub(super) fn grad_w(params: &Params, dy: &[f32], x: &[f32], gradients: &mut [f32]) {
    let (sweep, filters) = (sweep(params), params.filters as usize);
    let gradient = &mut gradients[params.offset as usize..][..params.weight_len()];
    let is_unpacked = sweep.is_wide() && filters <= FEW;
    gradient.fill(0.0);
    SCRATCH.with_borrow_mut(|(patches, turned)| {
        if is_unpacked {
            turned.clear();
            turned.resize(gradient.len(), 0.0);
        }
        for images in slabs(&sweep, params.rows as usize) {
            patches.fill(&sweep, &x[images.start * sweep.image()..images.end * sweep.image()]);
            let own = &dy[images.start * filters * sweep.places()..];
            let left = Maps { values: own, places: sweep.places(), filters };
            let (taps, places) = (sweep.taps(), images.len() * sweep.places());
            if is_unpacked {
                GRADIENT.with_borrow_mut(|it| gradient::add(patches, places, &left, filters, turned, it));
            } else {
                let mut sums = Sums(Rows { values: gradient, len: taps, bias: None });
                gemm([filters, taps, places], &left, &ByTap(patches), &mut sums);
            }
        }
        if is_unpacked {
            let turned = Strided { values: turned, line: filters, step: 1 };
            turned.pack(0..sweep.taps(), 0..filters, sweep.taps(), gradient);
        }
    });
}

fn sweep(params: &Params) -> Sweep {
    let [channels, height, width] = [params.channels, params.height, params.width].map(|it| it as usize);
    let [places_down, places_across] = [params.places_down, params.places_across].map(|it| it as usize);
    let [size, stride, padding] = [params.size, params.stride, params.padding].map(|it| it as usize);
    Sweep { channels, height, width, places_down, places_across, size, stride, padding }
}

/// Images in slabs of about [`WORTHWHILE`] places.
fn slabs(sweep: &Sweep, images: usize) -> impl Iterator<Item = Range<usize>> + use<> {
    let most = WORTHWHILE.div_ceil(sweep.places().max(1));
    (0..images).step_by(most).map(move |start| start..(start + most).min(images))
}

/// y = kernels · patches(x) + bias.
#[expect(clippy::too_many_arguments, reason = "a convolution has that many parts")]
fn swept(
    sweep: &Sweep,
    images: usize,
    filters: usize,
    kernels: &Strided<'_>,
    bias: Option<&[f32]>,
    x: &[f32],
    y: &mut [f32],
    patches: &mut Patches,
) {
    for images in slabs(sweep, images) {
        patches.fill(sweep, &x[images.start * sweep.image()..images.end * sweep.image()]);
        let values = &mut y[images.start * filters * sweep.places()..];
        let mut maps = FreshMaps { values, places: sweep.places(), filters, bias };
        gemm([filters, images.len() * sweep.places(), sweep.taps()], kernels, &ByPlace(patches), &mut maps);
    }
}

/// Kernels for the backward pass: [channel, filter, …] with every window rotated by half a turn.
fn turned(weight: &[f32], sweep: &Sweep, turned: &mut Vec<f32>) {
    let (window, channels) = (sweep.size * sweep.size, sweep.channels);
    let filters = weight.len() / (channels * window).max(1);
    turned.clear();
    turned.resize(weight.len(), 0.0);
    for (at, from) in weight.chunks_exact(window).enumerate() {
        let (filter, channel) = (at / channels, at % channels);
        let to = &mut turned[(channel * filters + filter) * window..][..window];
        to.iter_mut().zip(from.iter().rev()).for_each(|(to, from)| *to = *from);
    }
}

/// dx: adds weightᵀ · dy back to the entries of the patches.
fn put_back(
    sweep: &Sweep,
    params: &Params,
    weight: &[f32],
    dy: &[f32],
    dx: &mut [f32],
    patches: &mut Patches,
    columns: &mut Vec<f32>,
) {
    let (filters, places, taps) = (params.filters as usize, sweep.places(), sweep.taps());
    let left = Strided { values: weight, line: 1, step: taps };
    for (dx, dy) in dx.chunks_exact_mut(sweep.image()).zip(dy.chunks_exact(filters * places)).take(params.rows as usize)
    {
        columns.resize(columns.len().max(taps * places), 0.0);
        let right = Strided { values: dy, line: 1, step: places };
        gemm([taps, places, filters], &left, &right, &mut Rows { values: columns, len: places, bias: None });
        dx.fill(0.0);
        patches.fill(sweep, dx);
        columns.chunks_exact(places).take(taps).enumerate().for_each(|(tap, values)| patches.add(tap, values));
        patches.empty_into(sweep, dx);
    }
}

/// Maps [image, filter, place] as a matrix with one line per filter; the depth runs over images and places.
struct Maps<'a> {
    values: &'a [f32],
    places: usize,
    filters: usize,
}

impl Panels for Maps<'_> {
    #[inline(always)]
    fn pack(&self, lines: Range<usize>, depth: Range<usize>, width: usize, panel: &mut [f32]) {
        let mut panel = panel;
        for (image, places) in runs(depth, self.places) {
            let (own, rest) = panel.split_at_mut(places.len() * width);
            let values = &self.values[image * self.filters * self.places..];
            Strided { values, line: self.places, step: 1 }.pack(lines.clone(), places, width, own);
            panel = rest;
        }
    }
}

/// Maps to be overwritten, with a bias per filter if there is one.
struct FreshMaps<'a> {
    values: &'a mut [f32],
    places: usize,
    filters: usize,
    bias: Option<&'a [f32]>,
}

impl Target for FreshMaps<'_> {
    #[inline(always)]
    fn take<S: Simd, const VECTORS: usize>(&mut self, simd: S, tile: Tile, sums: &[[S::f32s; VECTORS]]) {
        let Tile { rows, columns, begins } = tile;
        let (image, start) = (columns.start / self.places, columns.start % self.places);
        for (filter, sums) in rows.zip(sums) {
            let base = if begins { Base::Value(self.bias.map_or(0.0, |it| it[filter])) } else { Base::Present };
            if start + columns.len() <= self.places {
                let to = &mut self.values[(image * self.filters + filter) * self.places + start..][..columns.len()];
                put(simd, to, sums, base);
            } else {
                let mut sums: &[f32] = bytemuck::cast_slice(sums);
                for (image, places) in runs(columns.clone(), self.places) {
                    let (own, rest) = sums.split_at(places.len());
                    let to = &mut self.values[(image * self.filters + filter) * self.places..][places];
                    put_some(to, own, base);
                    sums = rest;
                }
            }
        }
    }
}

/// A target to which sums are added.
struct Sums<'a>(Rows<'a>);

impl Target for Sums<'_> {
    #[inline(always)]
    fn take<S: Simd, const VECTORS: usize>(&mut self, simd: S, tile: Tile, sums: &[[S::f32s; VECTORS]]) {
        self.0.take(simd, Tile { begins: false, ..tile }, sums);
    }
}

/// Splits a range over images and places into one range of places per image.
#[inline(always)]
fn runs(range: Range<usize>, places: usize) -> impl Iterator<Item = (usize, Range<usize>)> {
    let mut start = range.start;
    std::iter::from_fn(move || {
        let (image, place) = (start / places, start % places);
        let len = (places - place).min(range.end - start);
        start += len;
        (len > 0).then_some((image, place..place + len))
    })
}
