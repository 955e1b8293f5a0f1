//! No GPU: stands in for the GPU device where a program is built without the feature `gpu`. Its types have no values.

use super::DeviceError;
use crate::kernels::{Layout, Words};
use crate::program::{BufferId, Precision, Program, Section};

const HOW: &str =
    "this program was built without a graphics stack; build it with `cargo build --release -p pleach --features gpu`";

/// A GPU that cannot be opened.
#[derive(Clone, Debug)]
pub enum Gpu {}

impl Gpu {
    /// Fails with a message on how to build a program with GPU support.
    ///
    /// # Errors
    /// Always.
    #[expect(clippy::unused_async, reason = "a real GPU is opened asynchronously")]
    pub async fn open(_precision: Precision) -> Result<Self, DeviceError> {
        Err(DeviceError::Absent { reason: HOW.into() })
    }

    /// Never called, because the type has no values.
    pub async fn compile(&self, _program: &Program, _progress: impl FnMut(usize, usize)) {
        match *self {}
    }

    /// Never called, because the type has no values.
    pub fn n_compiled(&self) -> usize {
        match *self {}
    }

    /// Never called, because the type has no values.
    pub fn name(&self) -> &str {
        match *self {}
    }

    /// Never called, because the type has no values.
    pub fn precision(&self) -> Precision {
        match *self {}
    }

    /// Never called, because the type has no values.
    pub fn is_software(&self) -> bool {
        match *self {}
    }

    /// Never called, because the type has no values.
    pub fn destroy(&self) {
        match *self {}
    }

    /// Never called, because the type has no values.
    pub fn laid_out(self, _layout: Layout) -> Self {
        match self {}
    }
}

/// An engine on a GPU that cannot be opened.
#[derive(Debug)]
pub enum Engine {}

impl Engine {
    /// Never called, because the type has no values.
    pub fn new(gpu: Gpu) -> Self {
        match gpu {}
    }

    /// Never called, because the type has no values.
    ///
    /// # Errors
    /// Never.
    pub async fn load(&mut self, _program: Program) -> Result<(), DeviceError> {
        match *self {}
    }

    /// Never called, because the type has no values.
    pub fn write(&mut self, _buffer: BufferId, _words: &[u32]) {
        match *self {}
    }

    /// Never called, because the type has no values.
    pub fn clear(&mut self, _buffer: BufferId) {
        match *self {}
    }

    /// Never called, because the type has no values.
    pub fn run(&mut self, _section: Section, _times: u32) {
        match *self {}
    }

    /// Never called, because the type has no values.
    ///
    /// # Errors
    /// Never.
    pub async fn read(&self, _buffers: &[BufferId]) -> Result<Vec<Words>, DeviceError> {
        match *self {}
    }
}
