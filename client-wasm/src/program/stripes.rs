//! Stripes: the coordinates of the weight vector that belong to the groups of a row.

use std::ops::Range;

use protocol::graph::{Axis, Graph};

/// `n` steps of `stride` coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Steps.
    pub n: u32,
    /// Coordinates from one to the next.
    pub stride: u32,
}

/// How a coordinate belongs to its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The group's own weight: what a neuron or filter multiplies its inputs by.
    Own,
    /// Its bias, or its entry in a norm.
    Companion,
    /// What reads its output: a column of the next layer.
    Consumer,
}

/// Coordinates `start + o·outer.stride + g·group.stride + i·inner.stride` of the weight vector, which belong to group
/// `first + g` of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stripe {
    /// The coordinate of o = g = i = 0.
    pub start: u32,
    /// Repetitions of the whole.
    pub outer: Run,
    /// Groups.
    pub group: Run,
    /// Entries of one group in one repetition.
    pub inner: Run,
    /// The first group of the row that the stripe covers, counted within the row.
    pub first: u32,
    /// How the coordinates belong to their groups.
    pub role: Role,
}

/// Groups that are ranked among themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The layer that made it.
    pub name: String,
    /// Numbers of its groups in a mask.
    pub groups: Range<u32>,
    /// Their coordinates, in order of parameter, then axis.
    pub stripes: Vec<Stripe>,
}

/// The pattern `unit`: a row for every space, with a stripe for every axis of every trained parameter that belongs to it.
pub fn unit_rows(graph: &Graph) -> Vec<Row> {
    let row = |(space, units): (usize, Range<usize>)| Row {
        name: graph.spaces[space].name.clone(),
        groups: units.start as u32..units.end as u32,
        stripes: unit_stripes(graph, space),
    };
    graph.unit_ranges().into_iter().enumerate().map(row).collect()
}

fn unit_stripes(graph: &Graph, of: usize) -> Vec<Stripe> {
    let mut stripes = Vec::new();
    for (param, range) in graph.params.iter().zip(graph.param_ranges()).filter(|it| it.0.trained) {
        let shape = graph.shape(&param.axes);
        for (at, axis) in param.axes.iter().enumerate() {
            let Axis::Units { space, block } = *axis else { continue };
            if space != of {
                continue;
            }
            let n_units = graph.spaces[space].size as u32;
            let inner = (block * shape[at + 1..].iter().product::<usize>()) as u32;
            stripes.push(Stripe {
                start: range.start as u32,
                outer: Run { n: shape[..at].iter().product::<usize>() as u32, stride: n_units * inner },
                group: Run { n: n_units, stride: inner },
                inner: Run { n: inner, stride: 1 },
                first: 0,
                role: role(&param.axes, at),
            });
        }
    }
    stripes
}

/// Biases and norms have one axis; of a weight the first is its outputs.
fn role(axes: &[Axis], at: usize) -> Role {
    match (axes.len(), at) {
        (1, _) => Role::Companion,
        (_, 0) => Role::Own,
        (_, _) => Role::Consumer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::layers::{Layer, linear::Linear, relu::Relu};
    use protocol::model::Stack;

    #[test]
    fn a_unit_is_its_row_its_bias_and_the_column_that_reads_it() {
        let linear = |units| Layer::Linear(Linear { units });
        let layers = vec![linear(3), Layer::Relu(Relu {}), linear(2)];
        let model = Stack { input: vec![2], layers }.check().expect("the shapes fit");
        let rows = unit_rows(model.graph());
        let run = |n, stride| Run { n, stride };
        let stripe = |start, outer, group, inner, role| Stripe { start, outer, group, inner, first: 0, role };
        // Weight [3, 2] at 0, bias [3] at 6, weight [2, 3] at 9: unit 1 is 2, 3, then 7, then 10 and 13.
        let expected = [
            stripe(0, run(1, 6), run(3, 2), run(2, 1), Role::Own),
            stripe(6, run(1, 3), run(3, 1), run(1, 1), Role::Companion),
            stripe(9, run(2, 3), run(3, 1), run(1, 1), Role::Consumer),
        ];
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].groups.clone(), &rows[0].stripes[..]), (0..3, &expected[..]));
    }
}
