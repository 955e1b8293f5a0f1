//! A case: an input on which the shaders of a kernel must agree with its twin.

use super::{Call, Words};

/// An input on which twin and shader must agree.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it is there for.
    pub about: &'static str,
    /// Kernel and parameters.
    pub call: Call,
    /// Contents before.
    pub buffers: Vec<Words>,
    /// Largest difference, relative to the larger of 1 and the reference; above 1e-5 where sums are long.
    pub tolerance: f32,
    /// Buffers worked out by hand: index and contents after.
    pub expected: Vec<(usize, Words)>,
}

impl Case {
    /// A case without buffers yet.
    pub fn new(about: &'static str, call: Call) -> Self {
        Self { about, call, buffers: vec![], tolerance: 1e-5, expected: vec![] }
    }

    /// The next buffer: floats.
    pub fn floats(mut self, values: impl AsRef<[f32]>) -> Self {
        self.buffers.push(values.as_ref().iter().map(|it| it.to_bits()).collect());
        self
    }

    /// The next buffers: floats, as they are written down.
    pub fn given(self, buffers: &[&[f32]]) -> Self {
        buffers.iter().fold(self, |case, it| case.floats(it))
    }

    /// The next buffer: integers.
    pub fn integers(mut self, values: impl AsRef<[u32]>) -> Self {
        self.buffers.push(values.as_ref().to_vec());
        self
    }

    /// The next buffer: floats without meaning but with sign, in [-1, 1), the same every time.
    pub fn noise(self, len: usize) -> Self {
        let stream = self.buffers.len() as u64;
        let values: Vec<f32> =
            (0..len).map(|it| protocol::random::unit_f32(7, stream, it as u64) * 2.0 - 1.0).collect();
        self.floats(values)
    }

    /// What a buffer of floats must hold afterwards, worked out by hand.
    pub fn gives(mut self, buffer: usize, values: impl AsRef<[f32]>) -> Self {
        self.expected.push((buffer, values.as_ref().iter().map(|it| it.to_bits()).collect()));
        self
    }

    /// What a buffer of integers must hold afterwards, worked out by hand.
    pub fn gives_integers(mut self, buffer: usize, values: impl AsRef<[u32]>) -> Self {
        self.expected.push((buffer, values.as_ref().to_vec()));
        self
    }

    /// A wider tolerance.
    pub fn within(self, tolerance: f32) -> Self {
        Self { tolerance, ..self }
    }
}
