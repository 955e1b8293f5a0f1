//! Curvature: a weight's score is the second-order estimate of how much the loss rises without the weight.

super::of_one_term! {
    /// The norm of h · w² / 2 (LeCun et al. 1990, OBD), where h is the loss's second derivative from the evidence
    /// `curvature`, or, in its place, the Fisher information, that is squared gradients of single samples.
    pub struct Curvature: Curvature { norm = L1, over = Own }
}
