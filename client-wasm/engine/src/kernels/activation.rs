//! Kernels of activations: functions of one entry, with their derivatives. One file and one shader hold both ways.

use super::{Call, Case};

/// What a graph's operation needs of an activation.
#[derive(Clone, Copy, Debug)]
pub struct Activation {
    /// The call that makes so many entries of y from x.
    pub forward: fn(u32) -> Call,
    /// The call that makes so many entries of dx from what is kept and dy.
    pub backward: fn(u32) -> Call,
    /// What backward reads beside dy.
    pub keeps: Keeps,
}

/// What an activation's gradient is a function of, beside the gradient that comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// Of x.
    Input,
    /// Of y.
    Output,
}

/// Declares an activation: twins that are functions of an entry, with values worked out by hand. The shader has the same
/// functions, `forward` and `backward`, written for itself.
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

        /// The activation.
        pub mod forward {
            kernel! {
                $name with "entries" "activation"
                params {
                    /// Entries.
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

        /// The way back.
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

/// Numbers of entries without values of their own: one workgroup, several, none.
const LENGTHS: [(&str, usize); 3] = [("exactly one workgroup", 512), ("ragged", 777), ("empty", 0)];

/// x and y by hand, and shapes.
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

/// What is kept, dy and dx by hand, and shapes.
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
