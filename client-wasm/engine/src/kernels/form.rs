//! Forms: a kernel is one definition, which a GPU may run by several shaders; shape and layout decide by which.

use super::{Kernel, Shader};

/// How kernels are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// For software adapters: large tiles in registers, and no barriers, which they pay dearly for.
    Registers,
    /// For real GPUs: tiles in workgroup memory, and a workgroup for every long sum.
    Workgroups,
}

impl Layout {
    /// Whether sums of this length deserve a workgroup each.
    pub(super) fn shares_sums(self, len: u32) -> bool {
        const LONG: u32 = 64;
        self == Self::Workgroups && len >= LONG
    }
}

/// A kernel as a GPU runs it for some parameters.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// The definition.
    pub kernel: &'static Kernel,
    /// One of its shaders.
    pub shader: &'static Shader,
    /// How many workgroups that takes.
    pub workgroups: [u32; 3],
}

/// Workgroups for one invocation per item: in two dimensions once one would pass WebGPU's 65,535. Never inlined: half a hundred
/// kernels call it, and a page weighs.
#[inline(never)]
pub fn grid(items: u32, per_workgroup: u32) -> [u32; 3] {
    let groups = items.div_ceil(per_workgroup);
    let across = groups.clamp(1, 65_535);
    [across.min(groups), groups.div_ceil(across), 1]
}

/// Workgroups of a shader written with `entries.wgsl` in front: 64 invocations, eight entries each.
pub fn by_entries(entries: u32) -> [u32; 3] {
    grid(entries, 512)
}
