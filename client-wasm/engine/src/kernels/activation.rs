//! Kernels of activations: functions of one entry, with their derivatives. One file and one shader hold both
//! directions.

use super::{Call, Case};

/// Calls that an operation of the graph needs for an activation.
#[derive(Clone, Copy, Debug)]
pub struct Activation {
    /// The call that computes y from x, for a number of entries.
    pub forward: fn(u32) -> Call,
    /// The call that computes dx from the kept tensor and dy, for a number of entries.
    pub backward: fn(u32) -> Call,
    /// The tensor that the backward call reads besides dy.
    pub keeps: Keeps,
}

/// The tensor that an activation's derivative is a function of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// The input x.
    Input,
    /// The output y.
    Output,
}

/// Declares an activation: twins as functions of one entry, with values worked out by hand. The shader defines the same
/// functions, `forward` and `backward`, independently.
macro_rules! activation {
    (
        $Forward:ident = $name:literal, $Backward:ident = $grad:literal
        $(#[$forward_is:meta])+
        forward($x:ident) $y:block
        by hand [$($from:expr => $to:expr),+]
        $(#[$backward_is:meta])+
        backward($keeps:ident: $kept:ident, $dy:ident) $dx:block
        by hand [$(($at:expr, $flow:expr) => $back:expr),+]
    ) => {
        /// The activation of a graph's operation.
        pub const ACTIVATION: $crate::kernels::activation::Activation = $crate::kernels::activation::Activation {
            forward: |len| $crate::kernels::Call::$Forward(forward::Params { len }),
            backward: |len| $crate::kernels::Call::$Backward(backward::Params { len }),
            keeps: $crate::kernels::activation::Keeps::$keeps,
        };

        /// The forward pass.
        pub mod forward {
            kernel! {
                $name with "entries" "activation"
                params {
                    /// Number of entries.
                    len: u32,
                }
                buffers { x: reads f32, y: writes f32 }
                // One invocation per eight entries.
                runs |params| $crate::kernels::by_entries(params.len);
            }

            $(#[$forward_is])+
            #[inline(always)]
            pub fn twin(params: &Params, x: &[f32], y: &mut [f32]) {
                let len = params.len as usize;
                for (y, &$x) in y[..len].iter_mut().zip(&x[..len]) {
                    *y = $y;
                }
            }

            /// Inputs on which twin and shader must agree.
            pub fn cases() -> Vec<$crate::kernels::Case> {
                $crate::kernels::activation::forward_cases(&super::ACTIVATION, &[$(($from, $to)),+])
            }
        }

        /// The backward pass.
        pub mod backward {
            kernel! {
                $grad from $name with "entries" "activation_grad"
                params of super::forward
                buffers { kept: reads f32, dy: reads f32, dx: writes f32 }
                // One invocation per eight entries.
                runs |params| $crate::kernels::by_entries(params.len);
            }

            $(#[$backward_is])+
            #[inline(always)]
            pub fn twin(params: &Params, kept: &[f32], dy: &[f32], dx: &mut [f32]) {
                let len = params.len as usize;
                for ((dx, &$dy), &$kept) in dx[..len].iter_mut().zip(&dy[..len]).zip(&kept[..len]) {
                    *dx = $dx;
                }
            }

            /// Inputs on which twin and shader must agree.
            pub fn cases() -> Vec<$crate::kernels::Case> {
                $crate::kernels::activation::backward_cases(&super::ACTIVATION, &[$(($at, $flow, $back)),+])
            }
        }
    };
}

pub mod relu;
pub mod softplus;
pub mod swish;

/// Lengths of test inputs without values worked out by hand: one workgroup, several, none.
const LENGTHS: [(&str, usize); 3] = [("exactly one workgroup", 512), ("ragged", 777), ("empty", 0)];

/// Cases with x and y worked out by hand, and cases of several lengths.
fn forward_cases(of: &Activation, by_hand: &[(f32, f32)]) -> Vec<Case> {
    let case = |about, len: usize| Case::new(about, (of.forward)(len as u32));
    let given = |about, pairs: &[(f32, f32)]| {
        let [x, y] =
            [|it: &(f32, f32)| it.0, |it: &(f32, f32)| it.1].map(|of| pairs.iter().map(of).collect::<Vec<f32>>());
        case(about, pairs.len()).floats(x).noise(pairs.len()).gives(1, y)
    };
    let noise = LENGTHS.map(|(about, len)| case(about, len).noise(len).noise(len));
    [given("one element", &by_hand[..1]), given("by hand", by_hand)].into_iter().chain(noise).collect()
}

/// Cases with the kept tensor, dy and dx worked out by hand, and cases of several lengths.
fn backward_cases(of: &Activation, by_hand: &[(f32, f32, f32)]) -> Vec<Case> {
    type Triple = (f32, f32, f32);
    let case = |about, len: usize| Case::new(about, (of.backward)(len as u32));
    let given = |about, triples: &[Triple]| {
        let parts = [|it: &Triple| it.0, |it: &Triple| it.1, |it: &Triple| it.2];
        let [kept, dy, dx] = parts.map(|of| triples.iter().map(of).collect::<Vec<f32>>());
        case(about, triples.len()).floats(kept).floats(dy).noise(triples.len()).gives(2, dx)
    };
    let noise = LENGTHS.map(|(about, len)| case(about, len).noise(len).noise(len).noise(len));
    [given("one element", &by_hand[..1]), given("by hand", by_hand)].into_iter().chain(noise).collect()
}
