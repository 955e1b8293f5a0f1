//! Gradient: a group is worth the norm of its gradients.

super::of_one_term! {
    /// The norm of its gradients, |g| (Lin et al. 2022, Federated Pruning).
    pub struct Gradient: Gradient { norm = L2, over = Own }
}
