//! Cosine: the step size falls along half a cosine, then stays at its floor.

use super::Fade;
use crate::settings;

settings! {
    /// The step size falls along half a cosine, then stays at its floor: floor + (1 − floor) · (1 + cos(π · round /
    /// rounds)) / 2 (Loshchilov & Hutter 2017, without restarts).
    pub struct Cosine {
        /// Number of rounds until the floor is reached.
        rounds: u32 [from(1.0).up_to(1e6)],
        /// Final step size as a share of the first.
        floor: f32 [from(0.0).below(1.0)] = 0.0,
    }
}

impl Fade for Cosine {
    fn factor(&self, round: u32) -> f32 {
        let done = (f64::from(round) / f64::from(self.rounds.max(1))).min(1.0);
        let floor = f64::from(self.floor);
        (floor + (1.0 - floor) * (1.0 + (std::f64::consts::PI * done).cos()) / 2.0) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_way_it_is_half_way() {
        let cosine = Cosine { rounds: 10, floor: 0.2 };
        assert_eq!([0, 5, 10, 99].map(|it| cosine.factor(it)), [1.0, 0.6, 0.2, 0.2]);
    }
}
