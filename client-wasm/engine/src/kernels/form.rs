//! Forms: a kernel has one definition and possibly several shaders; shape and layout decide which is used.

use super::{Kernel, Shader};

/// How kernels are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// For software adapters: large tiles in registers, and no barriers, which are expensive there.
    Registers,
    /// For real GPUs: tiles in workgroup memory, and a workgroup for every long sum.
    Workgroups,
}

impl Layout {
    /// Whether sums of this length get a workgroup each.
    pub(super) fn shares_sums(self, len: u32) -> bool {
        const LONG: u32 = 64;
        self == Self::Workgroups && len >= LONG
    }
}

/// A kernel as a GPU runs it for some parameters.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// The kernel's definition.
    pub kernel: &'static Kernel,
    /// The chosen shader.
    pub shader: &'static Shader,
    /// Number of workgroups for that shader.
    pub workgroups: [u32; 3],
}

/// Workgroups for one invocation per item: in two dimensions once one would exceed WebGPU's 65,535. Never inlined:
/// about fifty kernels call this function, and inlining would enlarge the page.
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
