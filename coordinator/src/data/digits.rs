//! Generated digits: ten shapes of strokes, bent, turned, thickened and blurred by numbers drawn from a seed.

use std::f32::consts::PI;

use protocol::data::shard::Shard;
use protocol::random;

/// Pixels on a side.
pub(super) const SIDE: usize = 28;

/// A point in the unit square, y downwards.
type Point = [f32; 2];

/// A piece of a digit's shape.
enum Stroke {
    /// Straight from point to point.
    Line(&'static [Point]),
    /// Part of an ellipse: centre, radii, first and last angle in half turns, clockwise from the right.
    Arc(Point, Point, f32, f32),
}

use Stroke::{Arc, Line};

/// How each digit is written.
const SHAPES: [&[Stroke]; 10] = [
    &[Arc([0.5, 0.5], [0.28, 0.42], 0.0, 2.0)],
    &[Line(&[[0.33, 0.25], [0.54, 0.08], [0.54, 0.92]])],
    &[Arc([0.5, 0.31], [0.27, 0.23], -1.0, 0.22), Line(&[[0.71, 0.46], [0.23, 0.9], [0.79, 0.9]])],
    &[Arc([0.47, 0.29], [0.26, 0.21], -0.85, 0.5), Arc([0.47, 0.7], [0.29, 0.21], -0.5, 0.85)],
    &[Line(&[[0.6, 0.08], [0.2, 0.62], [0.82, 0.62]]), Line(&[[0.62, 0.36], [0.62, 0.93]])],
    &[Line(&[[0.75, 0.09], [0.32, 0.09], [0.29, 0.45]]), Arc([0.48, 0.66], [0.28, 0.25], -0.72, 0.83)],
    &[Line(&[[0.66, 0.08], [0.4, 0.33], [0.25, 0.62]]), Arc([0.5, 0.68], [0.25, 0.24], 0.0, 2.0)],
    &[Line(&[[0.22, 0.11], [0.79, 0.11], [0.42, 0.92]])],
    &[Arc([0.5, 0.29], [0.22, 0.2], 0.0, 2.0), Arc([0.5, 0.71], [0.27, 0.22], 0.0, 2.0)],
    &[Arc([0.5, 0.32], [0.25, 0.23], 0.0, 2.0), Line(&[[0.75, 0.34], [0.7, 0.65], [0.54, 0.93]])],
];

/// `n` digits, every ten of them one of each in a random order.
pub(super) fn draw(n: usize, seed: u64) -> Shard {
    let mut shard = Shard::new((SIDE * SIDE) as u32, 10, vec![], vec![]);
    for ten in 0..n.div_ceil(10) {
        let order = random::permutation(random::derive(seed, "digits order", ten as u64), 0, 10);
        for digit in order.into_iter().take(n - 10 * ten) {
            let mut draw = Draw { seed, stream: shard.labels.len() as u64 + 1, counter: 0 };
            shard.features.extend(image(digit as usize, &mut draw));
            shard.labels.push(digit as u8);
        }
    }
    shard
}

/// One digit as somebody might write it.
fn image(digit: usize, draw: &mut Draw) -> Vec<u8> {
    let lines = bent(SHAPES[digit], draw);
    let half_width = draw.between(0.7, 1.7);
    let ink = draw.between(0.75, 1.0);
    let softness = draw.between(0.6, 1.3);
    let mut pixels = Vec::with_capacity(SIDE * SIDE);
    for at in 0..SIDE * SIDE {
        let pixel = [(at % SIDE) as f32 + 0.5, (at / SIDE) as f32 + 0.5];
        let nearest = lines.iter().map(|it| distance(pixel, it)).fold(f32::INFINITY, f32::min);
        let covered = ((half_width - nearest) / softness + 0.5).clamp(0.0, 1.0);
        // Noise on paper and ink alike.
        let noise = (draw.between(-1.0, 1.0) + draw.between(-1.0, 1.0)) * 0.09;
        pixels.push(((ink * covered + noise).clamp(0.0, 1.0) * 255.0).round() as u8);
    }
    pixels
}

/// A shape's line segments in pixels: every joint moved a little, then turned, slanted, stretched and shifted as one.
fn bent(shape: &[Stroke], draw: &mut Draw) -> Vec<[Point; 2]> {
    let angle = draw.between(-0.3, 0.3);
    let slant = draw.between(-0.3, 0.3);
    let scale = [draw.between(14.5, 23.0), draw.between(17.0, 24.0)];
    let shift = [draw.between(-2.5, 2.5), draw.between(-2.5, 2.5)];
    // One wave through the whole square bends what is straight without tearing strokes apart.
    let wave = [draw.between(-0.07, 0.07), draw.between(-0.07, 0.07)];
    let phase = [draw.between(0.0, 2.0 * PI), draw.between(0.0, 2.0 * PI)];
    let (sin, cos) = angle.sin_cos();
    let place = |[x, y]: Point| {
        let x = x + wave[0] * (4.5 * y + phase[0]).sin();
        let y = y + wave[1] * (4.5 * x + phase[1]).sin();
        let (x, y) = ((x - 0.5 + slant * (0.5 - y)) * scale[0], (y - 0.5) * scale[1]);
        let middle = SIDE as f32 / 2.0;
        [middle + shift[0] + cos * x - sin * y, middle + shift[1] + sin * x + cos * y]
    };
    let mut lines = Vec::new();
    for stroke in shape {
        let points: Vec<Point> = match stroke {
            Line(points) => points.iter().map(|it| it.map(|it| it + draw.between(-0.045, 0.045))).collect(),
            Arc(centre, radii, from, to) => {
                let centre = centre.map(|it| it + draw.between(-0.03, 0.03));
                let radii = radii.map(|it| it * draw.between(0.82, 1.15));
                let (from, to) = (from + draw.between(-0.12, 0.12), to + draw.between(-0.12, 0.12));
                let at = |it: u8| PI * (from + (to - from) * f32::from(it) / 14.0);
                (0..=14).map(|it| [centre[0] + radii[0] * at(it).cos(), centre[1] + radii[1] * at(it).sin()]).collect()
            }
        };
        // Long straight lines are cut so that the wave can bend them.
        for pair in points.windows(2) {
            let between = |share: f32| [0, 1].map(|it| pair[0][it] + (pair[1][it] - pair[0][it]) * share);
            lines.extend([0.0, 0.5].map(|it| [place(between(it)), place(between(it + 0.5))]));
        }
    }
    lines
}

/// From a point to a line segment.
fn distance(point: Point, &[from, to]: &[Point; 2]) -> f32 {
    let along = [to[0] - from[0], to[1] - from[1]];
    let offset = [point[0] - from[0], point[1] - from[1]];
    let length = along[0] * along[0] + along[1] * along[1];
    let share = ((offset[0] * along[0] + offset[1] * along[1]) / length.max(1e-9)).clamp(0.0, 1.0);
    let apart = [offset[0] - share * along[0], offset[1] - share * along[1]];
    (apart[0] * apart[0] + apart[1] * apart[1]).sqrt()
}

/// A stream of random numbers.
struct Draw {
    seed: u64,
    stream: u64,
    counter: u64,
}

impl Draw {
    fn between(&mut self, low: f32, high: f32) -> f32 {
        self.counter += 1;
        low + (high - low) * random::unit_f32(self.seed, self.stream, self.counter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_digits_and_every_digit() {
        let shard = draw(25, 3);
        assert_eq!(shard, draw(25, 3));
        assert_ne!(shard, draw(25, 4));
        assert!(shard.problem(784, Some(10)).is_none() && shard.len() == 25);
        assert!((0..10).all(|it| shard.labels.iter().filter(|&&label| label == it).count() >= 2));
    }

    /// Multinomial logistic regression by plain SGD: a model without hidden units.
    fn linear_accuracy(train: &Shard, test: &Shard) -> f32 {
        let scores = |weights: &[f32], x: &[u8]| -> Vec<f32> {
            let score = |it: &[f32]| it[784] + it.iter().zip(x).map(|(w, x)| w * f32::from(*x) / 255.0).sum::<f32>();
            weights.chunks(785).map(score).collect()
        };
        let mut weights = vec![0.0_f32; 10 * 785];
        for step in 0..3 * train.len() {
            let at = step % train.len();
            let x = &train.features[at * 784..][..784];
            let scores = scores(&weights, x);
            let most = scores.iter().copied().fold(f32::MIN, f32::max);
            let total: f32 = scores.iter().map(|it| (it - most).exp()).sum();
            for (class, row) in weights.chunks_mut(785).enumerate() {
                let wanted = f32::from(u8::from(usize::from(train.labels[at]) == class));
                let move_by = 0.02 * (wanted - (scores[class] - most).exp() / total);
                row.iter_mut().zip(x).for_each(|(w, x)| *w += move_by * f32::from(*x) / 255.0);
                row[784] += move_by;
            }
        }
        let is_right = |at: &usize| {
            let scores = scores(&weights, &test.features[at * 784..][..784]);
            let best = (0..10).max_by(|a, b| scores[*a].total_cmp(&scores[*b]));
            best == Some(usize::from(test.labels[*at]))
        };
        (0..test.len()).filter(is_right).count() as f32 / test.len() as f32
    }

    #[test]
    fn digits_can_be_learnt_but_are_not_trivial() {
        let all = super::super::Dataset::digits(3000, 1000, 1);
        let accuracy = linear_accuracy(&all.train, &all.test);
        assert!((0.7..0.97).contains(&accuracy), "a linear model gets {accuracy}");
    }
}
