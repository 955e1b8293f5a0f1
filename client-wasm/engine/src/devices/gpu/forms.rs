//! Forms: which kernel of a definition suits an adapter and a shape.

use crate::kernels::{Call, conv2d, max_pool_grad_apart};

/// How kernels are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forms {
    /// For software adapters: large tiles in registers, and no barriers, which they pay dearly for.
    Registers,
    /// For real GPUs: tiles in workgroup memory, and a workgroup for every long sum.
    Workgroups,
}

impl Forms {
    /// The form of a call that suits its shape.
    pub(super) fn suited(self, call: Call) -> Call {
        match self {
            Self::Registers => in_registers(call),
            Self::Workgroups => in_workgroups(call),
        }
    }
}

/// Groups narrower than this share too little for a tile.
const NARROW: u32 = 4;

/// Sums longer than this deserve a workgroup each.
const LONG: u32 = 64;

#[expect(clippy::wildcard_enum_match_arm, reason = "most kernels have one form")]
fn in_registers(call: Call) -> Call {
    match call {
        Call::Conv2d(it) if it.group_filters >= NARROW => Call::Conv2dWide(it),
        Call::Conv2dGradX(it) if it.group_channels >= NARROW => Call::Conv2dGradXWide(it),
        Call::Conv2dGradW(it) if it.group_filters >= NARROW => Call::Conv2dGradWWide(it),
        Call::MaxPoolGrad(it) if max_pool_grad_apart::fits(&it) => Call::MaxPoolGradApart(it),
        call => call,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "most kernels have one form")]
fn in_workgroups(call: Call) -> Call {
    match call {
        Call::Matmul(it) if it.k >= LONG && is_small(it.m, it.n) => Call::MatmulSliced(it),
        Call::Matmul(it) => Call::MatmulTiled(it),
        Call::Conv2d(it) if is_tiled(&it, it.group_filters) => Call::Conv2dTiled(it),
        Call::Conv2dGradX(it) if is_tiled(&it, it.group_channels) => Call::Conv2dGradXTiled(it),
        Call::Conv2dGradW(it) if is_tiled(&it, it.group_filters) => Call::Conv2dGradWTiled(it),
        Call::MaxPoolGrad(it) if max_pool_grad_apart::fits(&it) => Call::MaxPoolGradApart(it),
        Call::ChannelSum(it) if it.rows * it.inner >= LONG => Call::ChannelSumTiled(it),
        Call::BatchNormStats(it) if it.rows * it.inner >= LONG => Call::BatchNormStatsTiled(it),
        Call::BatchNormSums(it) if it.rows * it.inner >= LONG => Call::BatchNormSumsTiled(it),
        Call::Softmax(it) if it.len >= LONG => Call::SoftmaxTiled(it),
        Call::SoftmaxGrad(it) if it.len >= LONG => Call::SoftmaxGradTiled(it),
        Call::Reconstruction(it) if it.words >= LONG => Call::ReconstructionTiled(it),
        call => call,
    }
}

/// Whether tiles of 64 × 64 would leave most of a GPU idle.
fn is_small(m: u32, n: u32) -> bool {
    m.div_ceil(64) * n.div_ceil(64) < 32
}

/// Workgroups past the first dimension's 65,535 are for batches that no recipe has.
fn is_tiled(it: &conv2d::Params, lines: u32) -> bool {
    let columns = it.rows * (it.places_down * it.places_across).max(it.height * it.width);
    lines >= NARROW && columns.div_ceil(64) <= 65_535
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{cases, matmul};

    #[test]
    fn a_form_takes_the_same_parameters_and_buffers() {
        for call in cases().iter().map(|it| it.call) {
            for form in [Forms::Registers, Forms::Workgroups].map(|it| it.suited(call)) {
                assert_eq!(form.params(), call.params(), "{form:?}");
                assert_eq!(form.kernel().bindings, call.kernel().bindings, "{form:?}");
            }
        }
    }

    #[test]
    fn shapes_decide() {
        let square = |side: u32| {
            let [m, n, k] = [side; 3];
            let (a_row, b_row, bias) = (side, side, matmul::NO_BIAS);
            let offsets = matmul::Params { m, n, k, a_row, b_row, bias, ..bytemuck::Zeroable::zeroed() };
            Call::Matmul(matmul::Params { a_column: 1, b_column: 1, ..offsets })
        };
        assert_eq!(Forms::Workgroups.suited(square(64)).kernel().name, "matmul_sliced");
        assert_eq!(Forms::Workgroups.suited(square(512)).kernel().name, "matmul_tiled");
        assert_eq!(Forms::Registers.suited(square(512)).kernel().name, "matmul");
        let softmax = |len| Call::Softmax(crate::kernels::softmax::Params { rows: 9, len });
        assert_eq!(Forms::Workgroups.suited(softmax(2000)).kernel().name, "softmax_tiled");
        assert_eq!(Forms::Workgroups.suited(softmax(10)).kernel().name, "softmax");
    }
}
