//! Matrices: the weights that multiply, as [outputs, taps], and which of them a pattern prunes by itself.

use crate::graph::{Axis, Graph};
use crate::groups::{Among, Form, Groups, Role, Row, Run, Stripe, Whole, layer_of};

/// A weight that multiplies: convolutions are reshaped to two axes.
pub(crate) struct Matrix<'a> {
    /// Its layer.
    pub(crate) layer: &'a str,
    /// Where it begins.
    pub(crate) start: u32,
    /// Units or filters that it makes.
    pub(crate) outputs: u32,
    /// What one of them multiplies.
    pub(crate) taps: u32,
    /// Where the layer's bias begins, if it has one.
    pub(crate) bias: Option<u32>,
    /// Standard deviation with which its entries start.
    pub(crate) deviation: f32,
}

/// What must be there for a pattern to prune a matrix that nobody names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usual {
    /// All matrices that neither make topics nor read them.
    Every,
    /// Whose outputs are units: classes and words stay.
    HiddenOutputs,
    /// Whose inputs are units: input features stay.
    HiddenInputs,
}

/// Groups of every admitted matrix, and how many groups the others would have.
pub(crate) fn cut(
    graph: &Graph,
    among: &Among,
    usual: Usual,
    rows: impl Fn(&Matrix<'_>, bool) -> Vec<(&'static str, Vec<Stripe>)>,
) -> Groups {
    let mut groups = Groups { form: Form::Masked, rows: vec![], others: vec![] };
    let mut next = 0;
    for (matrix, name, is_usual) in matrices(graph, usual) {
        let parts = rows(&matrix, among.biases);
        if !among.admits(matrix.layer, name, is_usual) {
            let n_groups = parts.iter().map(|it| n_groups(&it.1)).sum();
            groups.others.push(Whole { layer: matrix.layer.into(), n_groups });
            continue;
        }
        for (part, stripes) in parts {
            let n = n_groups(&stripes);
            let own = stripes.iter().filter(|it| it.role == Role::Own);
            groups.rows.push(Row {
                name: if part.is_empty() { matrix.layer.into() } else { format!("{}.{part}", matrix.layer) },
                layer: matrix.layer.into(),
                groups: next..next + n,
                own_len: own.map(|it| it.outer.n * it.inner.n).sum(),
                stripes,
                space: None,
                deviation: matrix.deviation,
            });
            next += n;
        }
    }
    groups
}

fn n_groups(stripes: &[Stripe]) -> u32 {
    stripes.first().map_or(0, |it| it.group.n)
}

/// One group's part of a trained parameter.
pub(crate) fn stripe(start: u32, outer: Run, group: Run, inner: Run, role: Role) -> Stripe {
    Stripe { start, outer, group, inner, role, is_trained: true }
}

fn matrices(graph: &Graph, usual: Usual) -> impl Iterator<Item = (Matrix<'_>, &str, bool)> {
    let is_meaningful = |axis: &Axis| matches!(axis, Axis::Units { space, .. } if graph.spaces[*space].is_meaningful);
    let is_unit = |axis: Option<&Axis>| matches!(axis, Some(Axis::Units { .. }));
    let params = graph.params.iter().zip(graph.param_ranges()).enumerate();
    params.filter(|(id, _)| graph.is_matrix(*id)).map(move |(_, (param, range))| {
        let outputs = param.axes.first().map_or(1, |it| graph.axis_len(*it));
        let layer = layer_of(&param.name);
        let bias = graph.params.iter().zip(graph.param_ranges()).find(|it| it.0.name == format!("{layer}.bias"));
        let matrix = Matrix {
            layer,
            start: range.start as u32,
            outputs: outputs as u32,
            taps: range.len().checked_div(outputs).unwrap_or(0) as u32,
            bias: bias.map(|it| it.1.start as u32),
            deviation: param.init.deviation(),
        };
        let is_usual = !param.axes.iter().any(is_meaningful)
            && match usual {
                Usual::Every => true,
                Usual::HiddenOutputs => is_unit(param.axes.first()),
                Usual::HiddenInputs => is_unit(param.axes.get(1)),
            };
        (matrix, param.name.as_str(), is_usual)
    })
}
