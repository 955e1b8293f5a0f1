//! Groups: sets of weights that live or die together, as stripes of the weight vector; a mask has one bit per group.

use std::ops::Range;

use crate::graph::{Axis, Graph, ParamId, SpaceId};
use crate::kept::Kept;
use crate::mask::Mask;
use crate::settings;

/// `n` steps of `stride` coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Number of steps.
    pub n: u32,
    /// Coordinates per step.
    pub stride: u32,
}

impl Run {
    /// `n` adjacent coordinates.
    pub const fn of(n: u32) -> Self {
        Self { n, stride: 1 }
    }

    /// `n` steps of `stride`.
    pub const fn strided(n: u32, stride: u32) -> Self {
        Self { n, stride }
    }
}

/// Role of a coordinate in its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The group's own weight: one that multiplies the inputs of a neuron or filter.
    Own,
    /// The group's bias, or its entries in a norm.
    Companion,
    /// A weight that reads the group's output: a column of the next layer.
    Consumer,
}

/// Coordinates `start + o·outer + g·group + i·inner` of the weight vector, which belong to group `g` of the row. One
/// kernel reduces any stripe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stripe {
    /// The coordinate at o = g = i = 0.
    pub start: u32,
    /// Repetitions of the whole stripe.
    pub outer: Run,
    /// Groups; as many as the row has.
    pub group: Run,
    /// Entries of one group in one repetition.
    pub inner: Run,
    /// Role of these coordinates in the group.
    pub role: Role,
    /// Whether gradients train these coordinates.
    pub is_trained: bool,
}

impl Stripe {
    /// Coordinates of one group, ordered by repetition, then entry.
    pub fn coordinates(&self, group: u32) -> impl Iterator<Item = usize> + use<> {
        let Self { outer, inner, .. } = *self;
        let first = self.start + group * self.group.stride;
        (0..outer.n)
            .flat_map(move |o| (0..inner.n).map(move |i| (first + o * outer.stride + i * inner.stride) as usize))
    }
}

/// Groups that are ranked among themselves: the neurons of a layer, the columns of a weight, the first halves of its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Name of the row: the layer, and the part of the layer.
    pub name: String,
    /// Name of the layer.
    pub layer: String,
    /// Numbers of the row's groups in a mask.
    pub groups: Range<u32>,
    /// Coordinates of the groups, in order of parameter, then axis.
    pub stripes: Vec<Stripe>,
    /// Space whose units the groups are, if they are units.
    pub space: Option<SpaceId>,
    /// Standard deviation of the own weights at initialisation.
    pub deviation: f32,
    /// Number of weights of one group that multiply inputs: what cost coefficients count.
    pub own_len: u32,
}

impl Row {
    /// Number of groups in the row.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether the row has no groups.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Numbers of the row's groups, to index a mask.
    pub fn range(&self) -> Range<usize> {
        self.groups.start as usize..self.groups.end as usize
    }
}

/// What is saved by a dead group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// Spaces shrink: survivors form a smaller dense model, which saves time as well as bytes.
    Narrow,
    /// A bitmask over the weights of the whole model, which saves bytes only.
    Masked,
}

/// A layer in which nothing is pruned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// Name of the layer.
    pub layer: String,
    /// Number of groups the layer would have.
    pub n_groups: u32,
}

/// All groups of a model under one pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Groups {
    /// What is saved by a dead group.
    pub form: Form,
    /// Rows that may be pruned, in the order of the mask's bits.
    pub rows: Vec<Row>,
    /// Layers in which nothing is pruned.
    pub others: Vec<Whole>,
}

settings! {
    /// Groups that may be pruned, by the names of layers (`conv2d1`) and parameters (`conv2d1.weight`); `*` matches
    /// anything.
    pub struct Among {
        /// Names to prune, and nothing else. Default: what the pattern prunes by default: all but topics, classes and
        /// input features.
        only: Vec<String> = vec![],
        /// Names never to prune, even if `only` includes them.
        never: Vec<String> = vec![],
        /// Whether biases are pruned too: each one by itself under `weight`, together with its output under `column`.
        biases: bool = false,
    }
}

impl Among {
    /// What a pattern prunes by default.
    pub fn usual() -> Self {
        Self { only: vec![], never: vec![], biases: false }
    }

    /// Whether a parameter may be pruned; `is_usual` says whether the pattern prunes it by default.
    pub fn admits(&self, layer: &str, param: &str, is_usual: bool) -> bool {
        let named = |globs: &[String]| globs.iter().any(|it| matches(it, layer) || matches(it, param));
        !named(&self.never) && if self.only.is_empty() { is_usual } else { named(&self.only) }
    }
}

/// Whether a name matches a pattern in which `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|it| name.strip_prefix(it)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// The layer of a parameter: its name up to the last dot.
pub fn layer_of(param: &str) -> &str {
    param.rsplit_once('.').map_or(param, |it| it.0)
}

impl Groups {
    /// Number of groups in all rows.
    pub fn n_groups(&self) -> usize {
        self.rows.last().map_or(0, |it| it.groups.end as usize)
    }

    /// Groups of every unit of every space, topics included: what dense recipes show.
    pub fn of_units(graph: &Graph) -> Self {
        Self::units(graph, |_| true)
    }

    /// The units of admitted spaces.
    pub fn units(graph: &Graph, is_admitted: impl Fn(SpaceId) -> bool) -> Self {
        let (mut rows, mut others, mut next) = (vec![], vec![], 0);
        for (space, it) in graph.spaces.iter().enumerate() {
            let n_groups = it.size as u32;
            if is_admitted(space) {
                rows.push(unit_row(graph, space, next));
                next += n_groups;
            } else {
                others.push(Whole { layer: it.name.clone(), n_groups });
            }
        }
        Self { form: Form::Narrow, rows, others }
    }

    /// These groups in a model pruned to a mask: every row is as long as the number of its living groups.
    pub fn within(&self, pruned: &Graph) -> Self {
        match self.form {
            Form::Narrow => Self::units(pruned, |it| self.rows.iter().any(|row| row.space == Some(it))),
            Form::Masked => self.clone(),
        }
    }

    /// The mask over all units of the graph; units in no row are alive. Only for narrow groups, which are units.
    ///
    /// # Panics
    /// If the mask does not cover these groups.
    pub fn unit_mask(&self, graph: &Graph, mask: &Mask) -> Mask {
        assert_eq!(mask.len(), self.n_groups(), "a mask over these groups");
        let mut units = Mask::full(graph.n_units());
        let ranges = graph.unit_ranges();
        for row in &self.rows {
            let Some(space) = row.space.filter(|_| self.form == Form::Narrow) else { continue };
            let dead = row.range().enumerate().filter(|it| !mask.has(it.1));
            dead.for_each(|it| units.clear(ranges[space].start + it.0));
        }
        units
    }

    /// The weights that a mask keeps.
    ///
    /// # Panics
    /// If the mask does not cover these groups.
    pub fn kept(&self, graph: &Graph, mask: &Mask) -> Kept {
        assert_eq!(mask.len(), self.n_groups(), "a mask over these groups");
        if mask.count() == mask.len() {
            return Kept::all(graph.n_params());
        }
        match self.form {
            Form::Narrow => Kept::some(graph.alive_weights(&self.unit_mask(graph, mask))),
            Form::Masked => Kept::some(self.kept_bits(graph, mask)),
        }
    }

    fn kept_bits(&self, graph: &Graph, mask: &Mask) -> Mask {
        let mut bits = Mask::full(graph.n_params());
        for row in &self.rows {
            for (group, _) in row.range().enumerate().filter(|it| !mask.has(it.1)) {
                for stripe in &row.stripes {
                    stripe.coordinates(group as u32).for_each(|it| bits.clear(it));
                }
            }
        }
        bits
    }

    /// Share of living groups, by layer, in the order of the model; 1 for layers in which nothing is pruned.
    pub fn density_by_layer(&self, alive: &[u32]) -> Vec<(String, f64)> {
        let mut layers: Vec<(String, u64, u64)> = vec![];
        let counted = self.rows.iter().zip(alive).map(|(row, alive)| (&row.layer, *alive, row.len() as u32));
        let whole = self.others.iter().map(|it| (&it.layer, it.n_groups, it.n_groups));
        for (layer, alive, n) in counted.chain(whole) {
            match layers.iter_mut().find(|it| it.0 == *layer) {
                Some(known) => {
                    known.1 += u64::from(alive);
                    known.2 += u64::from(n);
                }
                None => layers.push((layer.clone(), alive.into(), n.into())),
            }
        }
        layers.into_iter().map(|(layer, alive, n)| (layer, alive as f64 / n.max(1) as f64)).collect()
    }

    /// Share of living groups over all layers, unpruned ones included; 1 where there are no groups.
    pub fn density(&self, alive: &[u32]) -> f64 {
        let whole: u64 = self.others.iter().map(|it| u64::from(it.n_groups)).sum();
        let n = self.n_groups() as u64 + whole;
        let alive: u64 = alive.iter().map(|it| u64::from(*it)).sum();
        if n == 0 { 1.0 } else { (alive + whole) as f64 / n as f64 }
    }

    /// Number of living groups in every row.
    pub fn alive(&self, mask: &Mask) -> Vec<u32> {
        self.rows.iter().map(|it| mask.count_in(it.range()) as u32).collect()
    }
}

/// The row of one space's units with all their weights, in order of parameter, then axis.
fn unit_row(graph: &Graph, space: SpaceId, first: u32) -> Row {
    let it = &graph.spaces[space];
    let mut stripes = Vec::new();
    let (mut deviation, mut own_len) = (0.0, 0);
    for (id, (param, range)) in graph.params.iter().zip(graph.param_ranges()).enumerate() {
        let shape = graph.shape(&param.axes);
        for (at, axis) in param.axes.iter().enumerate() {
            let Axis::Units { space: of, block } = *axis else { continue };
            if of != space {
                continue;
            }
            let inner = (block * shape[at + 1..].iter().product::<usize>()) as u32;
            let role = role(graph, id, at);
            if role == Role::Own {
                deviation = param.init.deviation();
                own_len += inner;
            }
            stripes.push(Stripe {
                start: range.start as u32,
                outer: Run::strided(shape[..at].iter().product::<usize>() as u32, inner * it.size as u32),
                group: Run::strided(it.size as u32, inner),
                inner: Run::of(inner),
                role,
                is_trained: param.trained,
            });
        }
    }
    Row {
        name: it.name.clone(),
        layer: it.name.clone(),
        groups: first..first + it.size as u32,
        stripes,
        space: Some(space),
        deviation,
        own_len,
    }
}

fn role(graph: &Graph, param: ParamId, axis: usize) -> Role {
    match (graph.is_matrix(param), axis) {
        (true, 0) => Role::Own,
        (true, _) => Role::Consumer,
        (false, _) => Role::Companion,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_as_in_a_shell() {
        for (pattern, name, is_it) in [
            ("conv*", "conv2d1", true),
            ("conv*", "linear1", false),
            ("*.weight", "linear1.weight", true),
            ("linear1", "linear1", true),
            ("linear1", "linear12", false),
            ("*4*conv*", "residual4.conv2d1", true),
            ("*", "", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(matches(pattern, name), is_it, "{pattern} {name}");
        }
    }

    #[test]
    fn what_is_named_is_admitted_and_what_is_never_named_is_not() {
        let among = |only: &[&str], never: &[&str]| {
            let list = |it: &[&str]| it.iter().map(|it| (*it).into()).collect();
            Among { only: list(only), never: list(never), biases: false }
        };
        assert!(Among::usual().admits("linear1", "linear1.weight", true));
        assert!(!Among::usual().admits("avitm6", "avitm6.weight", false), "topics need to be named");
        assert!(among(&["avitm6"], &[]).admits("avitm6", "avitm6.weight", false));
        assert!(!among(&["*"], &["avitm*"]).admits("avitm6", "avitm6.weight", true));
        assert!(!among(&["conv*"], &[]).admits("linear1", "linear1.weight", true));
    }

    #[test]
    fn densities_are_by_layer_and_over_all_layers() {
        let row = |layer: &str, groups: Range<u32>| Row {
            name: layer.into(),
            layer: layer.into(),
            groups,
            stripes: vec![],
            space: None,
            deviation: 0.0,
            own_len: 1,
        };
        let rows = vec![row("a", 0..4), row("a", 4..6), row("b", 6..10)];
        let groups = Groups { form: Form::Masked, rows, others: vec![Whole { layer: "c".into(), n_groups: 10 }] };
        let alive = [2, 1, 1];
        assert_eq!(groups.density_by_layer(&alive), [("a".into(), 0.5), ("b".into(), 0.25), ("c".into(), 1.0)]);
        assert_eq!(groups.density(&alive), 14.0 / 20.0);
    }
}
