//! No GPU: what stands in for the GPU device where a program is built without the feature `gpu`. Nobody can make one.

use super::DeviceError;
use crate::kernels::{Layout, Words};
use crate::program::{BufferId, Precision, Program, Section};

const HOW: &str = "it was built without a graphics stack; `cargo build --release -p pleach --features gpu` has one";

/// A GPU that nobody can open.
#[derive(Clone, Debug)]
pub enum Gpu {}

impl Gpu {
    /// Says how to build a program that could.
    ///
    /// # Errors
    /// Always.
    #[expect(clippy::unused_async, reason = "a GPU is opened so")]
    pub async fn open(_precision: Precision) -> Result<Self, DeviceError> {
        Err(DeviceError::Absent { reason: HOW.into() })
    }

    /// Never called, as nobody has one.
    pub async fn compile(&self, _program: &Program, _progress: impl FnMut(usize, usize)) {
        match *self {}
    }

    /// Never called, as nobody has one.
    pub fn n_compiled(&self) -> usize {
        match *self {}
    }

    /// Never called, as nobody has one.
    pub fn name(&self) -> &str {
        match *self {}
    }

    /// Never called, as nobody has one.
    pub fn precision(&self) -> Precision {
        match *self {}
    }

    /// Never called, as nobody has one.
    pub fn is_software(&self) -> bool {
        match *self {}
    }

    /// Never called, as nobody has one.
    pub fn destroy(&self) {
        match *self {}
    }

    /// Never called, as nobody has one.
    pub fn laid_out(self, _layout: Layout) -> Self {
        match self {}
    }
}

/// An engine on a GPU that nobody can open.
#[derive(Debug)]
pub enum Engine {}

impl Engine {
    /// Never called, as nobody has one.
    pub fn new(gpu: Gpu) -> Self {
        match gpu {}
    }

    /// Never called, as nobody has one.
    ///
    /// # Errors
    /// Never.
    pub async fn load(&mut self, _program: Program) -> Result<(), DeviceError> {
        match *self {}
    }

    /// Never called, as nobody has one.
    pub fn write(&mut self, _buffer: BufferId, _words: &[u32]) {
        match *self {}
    }

    /// Never called, as nobody has one.
    pub fn clear(&mut self, _buffer: BufferId) {
        match *self {}
    }

    /// Never called, as nobody has one.
    pub fn run(&mut self, _section: Section, _times: u32) {
        match *self {}
    }

    /// Never called, as nobody has one.
    ///
    /// # Errors
    /// Never.
    pub async fn read(&self, _buffers: &[BufferId]) -> Result<Vec<Words>, DeviceError> {
        match *self {}
    }
}
