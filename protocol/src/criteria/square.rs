//! Square: a group is worth its accumulated squared gradients.

super::of_one_term! {
    /// The norm of its squared gradients, g²: how much the loss falls with a weight (Jiang et al. 2022, PruneFL).
    pub struct Square: Square { norm = L1, over = Own }
}
