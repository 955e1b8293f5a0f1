//! Magnitude: a group's score is the norm of its weights.

super::of_one_term! {
    /// The norm of the group's weights, |w| (Han et al. 2015 for single weights). Published filter scores use `over =
    /// "own"` (Gez & Cohen 2023, MPFL). Weights that are dead for another reason count as 0.
    pub struct Magnitude: Weight { norm = L2, over = All }
}
