//! Tensors: weights, masks and what else a session holds, as safetensors files, and floats back from their bytes.

use std::borrow::Cow;
use std::collections::HashMap;

use protocol::graph::Graph;
use protocol::groups::Groups;
use protocol::mask::Mask;
use safetensors::View;
use safetensors::tensor::Dtype;

/// A file to be: tensors by name.
#[derive(Default)]
pub(crate) struct Tensors<'a>(Vec<(String, Tensor<'a>)>);

struct Tensor<'a> {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Cow<'a, [u8]>,
}

impl<'a> Tensors<'a> {
    /// Adds bytes.
    pub(crate) fn bytes(&mut self, name: &str, bytes: Vec<u8>) {
        self.add(name, Dtype::U8, vec![bytes.len()], bytes.into());
    }

    /// Adds 32-bit floats.
    pub(crate) fn floats(&mut self, name: &str, values: &'a [f32]) {
        self.add(name, Dtype::F32, vec![values.len()], little(bytemuck::cast_slice(values), 4));
    }

    /// Adds 64-bit floats.
    pub(crate) fn doubles(&mut self, name: &str, values: &'a [f64]) {
        self.add(name, Dtype::F64, vec![values.len()], little(bytemuck::cast_slice(values), 8));
    }

    /// Adds every parameter of a graph, of which `weights` are all.
    pub(crate) fn params(&mut self, graph: &Graph, weights: &'a [f32]) {
        for (param, range) in graph.params.iter().zip(graph.param_ranges()) {
            let bytes = little(bytemuck::cast_slice(&weights[range]), 4);
            self.add(&param.name, Dtype::F32, graph.shape(&param.axes), bytes);
        }
    }

    /// Adds every row of groups, a byte for each: 1 for those alive.
    pub(crate) fn alive(&mut self, groups: &Groups, mask: &Mask) {
        for row in &groups.rows {
            self.bytes(&format!("mask.{}", row.name), row.range().map(|it| mask.has(it).into()).collect());
        }
    }

    fn add(&mut self, name: &str, dtype: Dtype, shape: Vec<usize>, bytes: Cow<'a, [u8]>) {
        self.0.push((name.into(), Tensor { dtype, shape, bytes }));
    }

    /// The file's bytes, with one entry of text beside the tensors, so that equal contents are equal bytes.
    pub(crate) fn file(self, key: &str, text: String) -> Vec<u8> {
        let text = HashMap::from([(key.to_owned(), text)]);
        safetensors::serialize(self.0, Some(text)).expect("names are unique, and bytes fit their shapes")
    }
}

/// The floats of a tensor's bytes, which may lie at any address.
pub(crate) fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|it| f32::from_le_bytes(*it)).collect()
}

/// The 64-bit floats of a tensor's bytes.
pub(crate) fn doubles(bytes: &[u8]) -> Vec<f64> {
    bytes.as_chunks().0.iter().map(|it| f64::from_le_bytes(*it)).collect()
}

/// Numbers of so many bytes in the order of files, which is that of nearly all machines.
fn little(bytes: &[u8], size: usize) -> Cow<'_, [u8]> {
    if cfg!(target_endian = "little") {
        return bytes.into();
    }
    bytes.chunks_exact(size).flat_map(|it| it.iter().rev().copied()).collect::<Vec<u8>>().into()
}

impl View for Tensor<'_> {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use safetensors::SafeTensors;

    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let (weights, ledger) = ([1.5_f32, -0.0], [f64::MIN_POSITIVE, 3.0]);
        let mut tensors = Tensors::default();
        tensors.floats("weights", &weights);
        tensors.doubles("ledger", &ledger);
        tensors.bytes("mask", vec![5, 0]);
        let file = tensors.file("about", "two".into());
        let read = SafeTensors::deserialize(&file).expect("safetensors");
        let bytes = |name: &str| read.tensor(name).expect("it was written").data().to_vec();
        assert_eq!(bytes("weights"), [0, 0, 0xC0, 0x3F, 0, 0, 0, 0x80]);
        assert_eq!((floats(&bytes("weights")), doubles(&bytes("ledger"))), (weights.to_vec(), ledger.to_vec()));
        assert_eq!((bytes("mask"), read.tensor("ledger").expect("there").shape()), (vec![5, 0], [2].as_slice()));
    }
}
