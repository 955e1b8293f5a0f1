//! Magnitude: a group is worth the norm of its weights.

super::of_one_term! {
    /// The norm of its weights, |w| (Han et al. 2015 for single weights). Published filter scores are over `own`
    /// weights (Gez & Cohen 2023, MPFL). What is dead beside the group counts as 0.
    pub struct Magnitude: Weight { norm = L2, over = All }
}
