//! Curvature: a weight is worth what the loss would rise by without it, to second order.

super::of_one_term! {
    /// The norm of h · w² / 2 (LeCun et al. 1990, OBD), where h is the loss's second derivative, as the evidence curvature
    /// brings it, or the Fisher information in its stead, which squared gradients of single samples are.
    pub struct Curvature: Curvature { norm = L1, over = Own }
}
