//! Residual: adds the output of some layers to their input, or to the output of a shortcut.

use super::{Builder, Layer, Lower, ShapeError};
use crate::graph::{Op, TensorId};
use crate::settings;

settings! {
    /// y = layers(x) + shortcut(x) (He et al. 2016). Units that are added to each other live and die together.
    pub struct Residual {
        /// Layers of the main branch, in forward order.
        layers: Vec<Layer>,
        /// Layers of the shortcut; default empty: the input itself.
        shortcut: Vec<Layer> = vec![],
    }
}

impl Lower for Residual {
    fn lower(&self, name: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError> {
        let long = stacked(&self.layers, name, "", x, graph)?;
        let short = stacked(&self.shortcut, name, "shortcut_", x, graph)?;
        if long == short {
            return Err(ShapeError::new("layers must not be empty"));
        }
        graph.couple(short, long)?;
        let y = graph.tensor(graph.axes(short).to_vec());
        graph.op(Op::Add { a: long, b: short, y });
        Ok(y)
    }
}

fn stacked(layers: &[Layer], name: &str, way: &str, x: TensorId, graph: &mut Builder) -> Result<TensorId, ShapeError> {
    let mut output = x;
    for (at, layer) in layers.iter().enumerate() {
        let inner = format!("{name}.{way}{}{}", layer.name(), at + 1);
        let place = |error: ShapeError| ShapeError::new(format!("{way}{} {}: {}", layer.name(), at + 1, error.problem));
        output = layer.lower(&inner, output, graph).map_err(place)?;
    }
    Ok(output)
}
