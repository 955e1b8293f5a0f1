//! Matrices: the weights of products, as [outputs, taps], and which of them a pattern prunes by default.

use crate::graph::{Axis, Graph};
use crate::groups::{Among, Form, Groups, Role, Row, Run, Stripe, Whole, layer_of};

/// The weight of a product; convolutions are reshaped to two axes.
pub(crate) struct Matrix<'a> {
    /// Name of the layer.
    pub(crate) layer: &'a str,
    /// Start of the matrix in the weight vector.
    pub(crate) start: u32,
    /// Number of output units or filters.
    pub(crate) outputs: u32,
    /// Number of weights per output.
    pub(crate) taps: u32,
    /// Start of the layer's bias, if there is one.
    pub(crate) bias: Option<u32>,
    /// Standard deviation of the matrix's entries at initialisation.
    pub(crate) deviation: f32,
}

/// Condition under which a pattern prunes a matrix by default.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usual {
    /// All matrices that neither produce topics nor read them.
    Every,
    /// Matrices whose outputs are units: classes and words are not pruned.
    HiddenOutputs,
    /// Matrices whose inputs are units: input features are not pruned.
    HiddenInputs,
}

/// The groups of every admitted matrix, and the number of groups that the others would have.
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

/// One group's stripe of a trained parameter.
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
