//! Kernels of convolutions: implicit GEMM over windows, forward and for both gradients.

/// Declares a backward pass of a convolution: its plain shader, one for software adapters and one for real GPUs, whose
/// workgroups compute tiles of lines and columns of the corresponding matrix product.
macro_rules! pass_back {
    (
        $plain:literal $wide:literal $tiled:literal with $shared:literal side $side:literal
        buffers $buffers:tt
        product |$told:ident| $product:expr
    ) => {
        kernel! {
            $plain with "items"
            params of super::conv2d
            buffers $buffers
            runs |params| product(params).plain();
            forms {
                $wide in "software" with "items" "tiles" "registers":
                    |params, layout| product(params).is_wide(layout) => |params| product(params).wide(),
                $tiled with $shared:
                    |params, layout| product(params).is_tiled(params, layout) => |params| product(params).tiled($side),
            }
        }

        fn product($told: &Params) -> Product {
            $product
        }
    };
}

pub mod conv2d;
pub mod conv2d_grad_x;
pub mod conv2d_grad_w;
