//! Convolutions as matrix products: windows are laid out as columns, a few images at a time.

use std::cell::RefCell;
use std::ops::Range;

use crate::kernels::conv2d::{NO_BIAS, Params};

use super::matmul::{Factor, accumulate};

thread_local! {
    /// Columns and the product of one slab, kept so that no step pays for fresh memory.
    static SCRATCH: RefCell<[Vec<f32>; 2]> = const { RefCell::new([Vec::new(), Vec::new()]) };
}

/// Columns that make a product worth the packing of its weights; more would only push each other out of the cache.
const WORTHWHILE: usize = 192;

/// y = weight · columns(x) + bias.
pub(super) fn forward(params: &Params, x: &[f32], weights: &[f32], y: &mut [f32]) {
    let shape = Shape::new(params);
    let weight = &weights[params.offset as usize..];
    each_slab(&shape, |rows, columns, product| {
        shape.lay_out(&x[rows.start * shape.x_row..], rows.len(), columns);
        let width = rows.len() * shape.places;
        let sides = [shape.filters, width, shape.taps];
        accumulate(sides, Factor::rows(weight, shape.taps), Factor::rows(columns, width), 0.0, product);
        for (row, y) in y[rows.start * shape.y_row..].chunks_exact_mut(shape.y_row).take(rows.len()).enumerate() {
            for (filter, y) in y.chunks_exact_mut(shape.places).enumerate() {
                let bias = if params.bias == NO_BIAS { 0.0 } else { weights[params.bias as usize + filter] };
                let own = &product[filter * width + row * shape.places..][..shape.places];
                y.iter_mut().zip(own).for_each(|(y, sum)| *y = sum + bias);
            }
        }
    });
}

/// dx = what weightᵀ · dy puts back where the columns came from.
pub(super) fn grad_x(params: &Params, dy: &[f32], weights: &[f32], dx: &mut [f32]) {
    let shape = Shape::new(params);
    let weight = &weights[params.offset as usize..];
    dx[..params.x_len()].fill(0.0);
    each_slab(&shape, |rows, columns, product| {
        shape.collect(&dy[rows.start * shape.y_row..], rows.len(), product);
        let width = rows.len() * shape.places;
        let sides = [shape.taps, width, shape.filters];
        accumulate(sides, Factor::columns(weight, shape.taps), Factor::rows(product, width), 0.0, columns);
        shape.put_back(columns, rows.len(), &mut dx[rows.start * shape.x_row..]);
    });
}

/// d weight = Σ dy · columns(x)ᵀ.
pub(super) fn grad_w(params: &Params, dy: &[f32], x: &[f32], gradients: &mut [f32]) {
    let shape = Shape::new(params);
    let gradient = &mut gradients[params.offset as usize..][..params.weight_len()];
    gradient.fill(0.0);
    each_slab(&shape, |rows, columns, product| {
        shape.lay_out(&x[rows.start * shape.x_row..], rows.len(), columns);
        shape.collect(&dy[rows.start * shape.y_row..], rows.len(), product);
        let width = rows.len() * shape.places;
        let sides = [shape.filters, shape.taps, width];
        accumulate(sides, Factor::rows(product, width), Factor::columns(columns, width), 1.0, gradient);
    });
}

/// A convolution in numbers of memory.
struct Shape<'a> {
    params: &'a Params,
    rows: usize,
    filters: usize,
    places: usize,
    /// Channels × window: the length of a column.
    taps: usize,
    x_row: usize,
    y_row: usize,
}

/// Calls `work` for a few images at a time with scratch for their columns [taps, images × places] and for a product
/// [filters, images × places].
fn each_slab(shape: &Shape<'_>, mut work: impl FnMut(Range<usize>, &mut [f32], &mut [f32])) {
    if shape.places == 0 || shape.filters == 0 {
        return;
    }
    let most = WORTHWHILE.div_ceil(shape.places);
    SCRATCH.with_borrow_mut(|[columns, product]| {
        for start in (0..shape.rows).step_by(most) {
            let rows = start..(start + most).min(shape.rows);
            let width = rows.len() * shape.places;
            let lens = [shape.taps * width, shape.filters * width];
            columns.resize(columns.len().max(lens[0]), 0.0);
            product.resize(product.len().max(lens[1]), 0.0);
            work(rows, &mut columns[..lens[0]], &mut product[..lens[1]]);
        }
    });
}

impl<'a> Shape<'a> {
    fn new(params: &'a Params) -> Self {
        let [rows, filters, channels] = [params.rows, params.filters, params.channels].map(|it| it as usize);
        let places = (params.places_down * params.places_across) as usize;
        let taps = channels * (params.size * params.size) as usize;
        let x_row = channels * (params.height * params.width) as usize;
        Self { params, rows, filters, places, taps, x_row, y_row: filters * places }
    }

    /// Every place's window as a column; zeros beyond the edges.
    fn lay_out(&self, x: &[f32], images: usize, columns: &mut [f32]) {
        let plane = (self.params.height * self.params.width) as usize;
        let width = self.params.width as usize;
        self.each_run(images, |image, channel, line, run| {
            let to = &mut columns[run.column..][..self.params.places_across as usize];
            to.fill(0.0);
            let Some(line) = line else { return };
            let from = &x[image * self.x_row + channel * plane + line * width..][..width];
            let inside = &mut to[run.places.clone()];
            if self.params.stride == 1 {
                inside.copy_from_slice(&from[run.first..][..inside.len()]);
            } else {
                let stride = self.params.stride as usize;
                inside.iter_mut().enumerate().for_each(|(at, to)| *to = from[run.first + at * stride]);
            }
        });
    }

    /// Adds every column to the entries that its window covers.
    fn put_back(&self, columns: &[f32], images: usize, dx: &mut [f32]) {
        let plane = (self.params.height * self.params.width) as usize;
        let width = self.params.width as usize;
        self.each_run(images, |image, channel, line, run| {
            let Some(line) = line else { return };
            let from = &columns[run.column..][run.places.clone()];
            let to = &mut dx[image * self.x_row + channel * plane + line * width..][..width];
            if self.params.stride == 1 {
                let to = &mut to[run.first..][..from.len()];
                to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
            } else {
                let stride = self.params.stride as usize;
                from.iter().enumerate().for_each(|(at, from)| to[run.first + at * stride] += from);
            }
        });
    }

    /// dy as one matrix [filters, images × places].
    fn collect(&self, dy: &[f32], images: usize, product: &mut [f32]) {
        let width = images * self.places;
        for (image, dy) in dy.chunks_exact(self.y_row).take(images).enumerate() {
            for (filter, dy) in dy.chunks_exact(self.places).enumerate() {
                product[filter * width + image * self.places..][..self.places].copy_from_slice(dy);
            }
        }
    }

    /// Calls `visit` for every line of places under every tap, with the line of x that lies there, if any.
    fn each_run(&self, images: usize, mut visit: impl FnMut(usize, usize, Option<usize>, &Run)) {
        let Params { size, stride, padding, width, height, places_down, places_across, .. } = *self.params;
        let window = (size * size) as usize;
        for tap in 0..self.taps {
            let (u, v) = ((tap % window) as u32 / size, tap as u32 % size);
            // Places whose tap lies neither left of the image nor right of it.
            let begin = padding.saturating_sub(v).div_ceil(stride).min(places_across);
            let end = (width + padding).saturating_sub(v).div_ceil(stride).clamp(begin, places_across);
            let first = (begin * stride + v).saturating_sub(padding) as usize;
            for image in 0..images {
                for down in 0..places_down {
                    let line = (down * stride + u).checked_sub(padding).filter(|it| *it < height && begin < end);
                    let place = (image * self.places) + (down * places_across) as usize;
                    let column = tap * images * self.places + place;
                    let run = Run { column, places: begin as usize..end as usize, first };
                    visit(image, tap / window, line.map(|it| it as usize), &run);
                }
            }
        }
    }
}

/// One line of places under one tap.
struct Run {
    /// Where it begins among the columns.
    column: usize,
    /// Its places that are inside the image.
    places: Range<usize>,
    /// The entry of x's line at the first of them.
    first: usize,
}
