//! Saliency: a group's score is the norm of its weights times their gradients, entry by entry.

super::of_one_term! {
    /// The norm of weights times gradients, entry by entry, |w · g| (Lee et al. 2019, SNIP; Lin et al. 2022, Federated
    /// Pruning). This is not the product of two norms.
    pub struct Saliency: Product { norm = L1, over = Own }
}
