//! Case: an input for which the shaders of a kernel must agree with its twin.

use super::{Call, Words};

/// An input for which twin and shader must agree.
#[derive(Clone, Debug)]
pub struct Case {
    /// What this case tests.
    pub about: &'static str,
    /// Kernel and parameters.
    pub call: Call,
    /// Buffer contents before the call.
    pub buffers: Vec<Words>,
    /// Largest difference, relative to the larger of 1 and the reference; above 1e-5 where sums are long.
    pub tolerance: f32,
    /// Buffers worked out by hand: index and contents after the call.
    pub expected: Vec<(usize, Words)>,
}

impl Case {
    /// A case without buffers.
    pub fn new(about: &'static str, call: Call) -> Self {
        Self { about, call, buffers: vec![], tolerance: 1e-5, expected: vec![] }
    }

    /// Adds a buffer of floats.
    pub fn floats(mut self, values: impl AsRef<[f32]>) -> Self {
        self.buffers.push(values.as_ref().iter().map(|it| it.to_bits()).collect());
        self
    }

    /// Adds several buffers of floats.
    pub fn given(self, buffers: &[&[f32]]) -> Self {
        buffers.iter().fold(self, |case, it| case.floats(it))
    }

    /// Adds a buffer of integers.
    pub fn integers(mut self, values: impl AsRef<[u32]>) -> Self {
        self.buffers.push(values.as_ref().to_vec());
        self
    }

    /// Adds a buffer of random floats in [-1, 1), the same every time.
    pub fn noise(self, len: usize) -> Self {
        let stream = self.buffers.len() as u64;
        let values: Vec<f32> =
            (0..len).map(|it| protocol::random::unit_f32(7, stream, it as u64) * 2.0 - 1.0).collect();
        self.floats(values)
    }

    /// Sets the expected contents of a buffer of floats, worked out by hand.
    pub fn gives(mut self, buffer: usize, values: impl AsRef<[f32]>) -> Self {
        self.expected.push((buffer, values.as_ref().iter().map(|it| it.to_bits()).collect()));
        self
    }

    /// Sets the expected contents of a buffer of integers, worked out by hand.
    pub fn gives_integers(mut self, buffer: usize, values: impl AsRef<[u32]>) -> Self {
        self.expected.push((buffer, values.as_ref().to_vec()));
        self
    }

    /// Sets a wider tolerance.
    pub fn within(self, tolerance: f32) -> Self {
        Self { tolerance, ..self }
    }
}
