//! Narrow values: which values of a graph are stored as 16-bit floats, and the factor that gradients need for that.

use protocol::graph::Graph;

use super::lowering::Narrow;
use super::{Precision, ops};

/// Scales gradients of a mean loss, most of which are far below 1, into the range of normal 16-bit floats, 6e-5 to
/// 65,504.
const LOSS_SCALE: f32 = 1024.0;

/// The values stored as 16-bit floats at this precision.
pub(super) fn narrow(graph: &Graph, precision: Precision) -> Narrow {
    match precision {
        Precision::Single => Narrow { is_half: vec![false; graph.tensors.len()], loss_scale: 1.0 },
        Precision::Half => {
            Narrow { is_half: read_by_losses(graph).iter().map(|it| !it).collect(), loss_scale: loss_scale(graph) }
        }
    }
}

/// For every tensor, whether a loss reads it, possibly under another name.
fn read_by_losses(graph: &Graph) -> Vec<bool> {
    let mut is_read = vec![false; graph.tensors.len()];
    for op in graph.ops.iter().rev() {
        ops::with(op, &mut |op| {
            op.exact().into_iter().for_each(|it| is_read[it] = true);
            if let Some([x, y]) = op.renamed() {
                is_read[x] |= is_read[y];
            }
        });
    }
    is_read
}

/// Factor of a graph's gradients where they are stored as 16-bit floats.
fn loss_scale(graph: &Graph) -> f32 {
    let mut scale = LOSS_SCALE;
    graph.ops.iter().for_each(|op| ops::with(op, &mut |it| scale = if it.has_large_gradients() { 1.0 } else { scale }));
    scale
}
