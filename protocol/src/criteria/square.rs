//! Square: a group's score is the norm of its accumulated squared gradients.

super::of_one_term! {
    /// The norm of the group's squared gradients, g²: how much the loss falls with a weight (Jiang et al. 2022,
    /// PruneFL).
    pub struct Square: Square { norm = L1, over = Own }
}
