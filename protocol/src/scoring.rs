//! Scoring: the score of every group by a criterion, in 64-bit floats, from weights and gathered gradients.

use crate::choices::{Norm, Over, Scale};
use crate::criteria::{Factor, Term};
use crate::dynamics::Fate;
use crate::graph::{Axis, Graph};
use crate::groups::{Form, Groups, Role, Row};
use crate::mask::Mask;
use crate::random;

/// Gathered evidence, weight by weight.
#[derive(Clone, Copy, Debug)]
pub enum Gathered<'a> {
    /// No evidence.
    Nothing,
    /// Sums of gradients.
    Gradients(&'a [f64]),
    /// Sums of squared gradients, or second derivatives.
    Squares(&'a [f64]),
    /// Sums of products with weights, |w · g|.
    Products(&'a [f64]),
    /// One number per group, reduced by clients.
    Groups(&'a [f64]),
}

impl Gathered<'_> {
    /// |g| of a weight. Not defined for evidence per group or of products: recipes that would need it are refused.
    fn gradient(self, at: usize) -> f64 {
        match self {
            Self::Nothing | Self::Products(_) | Self::Groups(_) => 0.0,
            Self::Gradients(it) => it[at].abs(),
            Self::Squares(it) => it[at].sqrt(),
        }
    }

    /// g² of a weight, or the second derivative h.
    fn square(self, at: usize) -> f64 {
        match self {
            Self::Nothing | Self::Products(_) | Self::Groups(_) => 0.0,
            Self::Gradients(it) => it[at] * it[at],
            Self::Squares(it) => it[at],
        }
    }

    /// |w · g| of a weight of this magnitude.
    fn product(self, at: usize, weight: f64) -> f64 {
        match self {
            Self::Products(it) => it[at],
            Self::Nothing | Self::Gradients(_) | Self::Squares(_) | Self::Groups(_) => weight * self.gradient(at),
        }
    }

    /// Sum over weights that belong to no group: the gain that a scope counts independently of its choice.
    pub fn outside(self, groups: &Groups) -> f64 {
        let (Self::Gradients(all) | Self::Squares(all)) = self else { return 0.0 };
        let mut owned = Mask::empty(all.len());
        for row in &groups.rows {
            for stripe in &row.stripes {
                (0..stripe.group.n).flat_map(|it| stripe.coordinates(it)).for_each(|it| owned.fill(it..it + 1));
            }
        }
        (0..all.len()).filter(|it| !owned.has(*it)).map(|it| self.square(it)).sum()
    }
}

/// Input for computing scores.
#[derive(Clone, Copy, Debug)]
pub struct Material<'a> {
    /// The model's graph.
    pub graph: &'a Graph,
    /// The groups to score.
    pub groups: &'a Groups,
    /// The mask of living groups.
    pub mask: &'a Mask,
    /// All weights, including those of dead groups.
    pub weights: &'a [f32],
    /// Gathered evidence of the weights, or of the groups.
    pub gathered: Gathered<'a>,
    /// Seed for random scores.
    pub seed: u64,
    /// Seconds that one weight of each row costs a client.
    pub taus: &'a [f64],
}

/// The weights that count when a group is scored: those of other dead groups do not.
struct View {
    /// Number of dead units that each weight belongs to; `None` while all units live.
    dead: Option<Vec<u8>>,
}

impl View {
    /// Units share the weights between two layers; groups of masked patterns share no weights.
    fn of(material: &Material<'_>) -> Self {
        let Material { graph, groups, mask, .. } = *material;
        if groups.form == Form::Masked || mask.count() == mask.len() {
            return Self { dead: None };
        }
        let units = groups.unit_mask(graph, mask);
        let ranges = graph.unit_ranges();
        let mut dead = vec![0; graph.n_params()];
        for (param, range) in graph.params.iter().zip(graph.param_ranges()) {
            let mut inner = range.len();
            for &axis in &param.axes {
                let len = graph.axis_len(axis);
                inner = inner.checked_div(len).unwrap_or(0);
                let Axis::Units { space, block } = axis else { continue };
                for (at, count) in dead[range.clone()].iter_mut().enumerate() {
                    *count += u8::from(!units.has(ranges[space].start + at / inner % len / block));
                }
            }
        }
        Self { dead: Some(dead) }
    }

    /// Whether a weight would be present if this group lived.
    fn has(&self, at: usize, is_alive: bool) -> bool {
        self.dead.as_ref().is_none_or(|it| it[at] == u8::from(!is_alive))
    }
}

/// Strength of every group: the magnitude (L2) of its own weights; for dead groups, of the values that the coordinator
/// holds.
pub fn strengths(material: &Material<'_>) -> Vec<f64> {
    let factor = Factor { term: Term::Weight, norm: Norm::L2, over: Over::Own, scale: Scale::None };
    reduced(&factor, material, &View::of(material))
}

/// Score of every group: the product of the factors, each scaled. `fates` says which groups take part in ranks.
pub fn scores(factors: &[Factor], material: &Material<'_>, fates: &[Fate]) -> Vec<f64> {
    let view = View::of(material);
    let mut product: Option<Vec<f64>> = None;
    for factor in factors {
        let mut scores = reduced(factor, material, &view);
        for (row, tau) in material.groups.rows.iter().zip(material.taus) {
            scale(factor.scale, row, *tau, &mut scores[row.range()], &fates[row.range()]);
        }
        match &mut product {
            None => product = Some(scores),
            Some(product) => product.iter_mut().zip(scores).for_each(|(all, it)| *all *= it),
        }
    }
    product.unwrap_or_else(|| vec![0.0; material.groups.n_groups()])
}

/// One number per group.
fn reduced(factor: &Factor, material: &Material<'_>, view: &View) -> Vec<f64> {
    let Material { weights, gathered, seed, .. } = *material;
    let reduce = |value: &dyn Fn(usize) -> f64| {
        let mut all = Vec::with_capacity(material.groups.n_groups());
        for row in &material.groups.rows {
            all.extend(row.range().enumerate().map(|(group, bit)| {
                let is_alive = material.mask.has(bit);
                norm(factor, row, group as u32, |at| if view.has(at, is_alive) { value(at) } else { 0.0 })
            }));
        }
        all
    };
    match (factor.term, gathered) {
        (Term::Gradient | Term::Square, Gathered::Groups(it)) => it.to_vec(),
        (Term::Weight, _) => reduce(&|at| f64::from(weights[at]).abs()),
        (Term::Gradient, _) => reduce(&|at| gathered.gradient(at)),
        (Term::Product, _) => reduce(&|at| gathered.product(at, f64::from(weights[at]).abs())),
        (Term::Square, _) => reduce(&|at| gathered.square(at)),
        (Term::Curvature, _) => reduce(&|at| gathered.square(at) * f64::from(weights[at]).powi(2) / 2.0),
        (Term::Noise, _) => (0..material.groups.n_groups() as u64).map(|it| random::unit_f64(seed, 0, it)).collect(),
    }
}

fn norm(factor: &Factor, row: &Row, group: u32, value: impl Fn(usize) -> f64) -> f64 {
    let counts = |role| factor.over == Over::All || role == Role::Own;
    let stripes = row.stripes.iter().filter(|it| it.is_trained && counts(it.role));
    let (mut sum, mut n) = (0.0, 0_u32);
    for at in stripes.flat_map(|it| it.coordinates(group)) {
        let it = value(at);
        sum += if factor.norm == Norm::L2 { it * it } else { it };
        n += 1;
    }
    match factor.norm {
        Norm::L1 => sum,
        Norm::L2 => sum.sqrt(),
        Norm::Mean => sum / f64::from(n.max(1)),
    }
}

fn scale(by: Scale, row: &Row, tau: f64, scores: &mut [f64], fates: &[Fate]) {
    let divisor = match by {
        Scale::None => return,
        Scale::Rank => return rank(scores, fates),
        Scale::InitStd => f64::from(row.deviation),
        Scale::Cost => tau * f64::from(row.own_len),
    };
    if divisor > 0.0 {
        scores.iter_mut().for_each(|it| *it /= divisor);
    }
}

/// Ranks: (strictly lower scores + 1) / h among the h groups that take part.
fn rank(scores: &mut [f64], fates: &[Fate]) {
    let mut order: Vec<u32> = (0..scores.len() as u32).filter(|it| fates[*it as usize] != Fate::Dies).collect();
    order.sort_unstable_by(|&a, &b| scores[a as usize].total_cmp(&scores[b as usize]));
    let n = order.len() as f64;
    let (mut lower, mut before) = (0, f64::NAN);
    let ranks: Vec<f64> = order
        .iter()
        .enumerate()
        .map(|(at, group)| {
            let score = scores[*group as usize];
            if score.total_cmp(&before).is_ne() {
                (lower, before) = (at, score);
            }
            (lower + 1) as f64 / n
        })
        .collect();
    order.iter().zip(ranks).for_each(|(group, rank)| scores[*group as usize] = rank);
}

/// Standard deviation of each row's living own weights (the population's).
pub fn deviations(material: &Material<'_>) -> Vec<f64> {
    let of_row = |row: &Row| {
        let alive = row.range().enumerate().filter(|it| material.mask.has(it.1)).map(|it| it.0 as u32);
        let own = |group: u32| {
            let stripes = row.stripes.iter().filter(|it| it.role == Role::Own && it.is_trained);
            stripes.flat_map(move |it| it.coordinates(group))
        };
        let (mut n, mut sum, mut squares) = (0.0, 0.0, 0.0);
        for at in alive.flat_map(own) {
            let weight = f64::from(material.weights[at]);
            n += 1.0;
            sum += weight;
            squares += weight * weight;
        }
        if n > 0.0 { (squares / n - (sum / n).powi(2)).max(0.0).sqrt() } else { 0.0 }
    };
    material.groups.rows.iter().map(of_row).collect()
}
