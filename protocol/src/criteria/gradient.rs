//! Gradient: a group's score is the norm of its gradients.

super::of_one_term! {
    /// The norm of the group's gradients, |g| (Lin et al. 2022, Federated Pruning).
    pub struct Gradient: Gradient { norm = L2, over = Own }
}
