//! Cosine: the step size falls along half a cosine, then stays at its floor.

use serde::{Deserialize, Serialize};

use super::Fade;

/// floor + (1 − floor) · (1 + cos(π · round / rounds)) / 2 (Loshchilov & Hutter 2017, without restarts).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cosine {
    /// Rounds until the floor, at least 1.
    pub rounds: u32,
    /// Where it ends, at least 0 and below 1; 0 without being said.
    #[serde(default)]
    pub floor: f32,
}

impl Fade for Cosine {
    fn factor(&self, round: u32) -> f32 {
        let done = (f64::from(round) / f64::from(self.rounds.max(1))).min(1.0);
        let floor = f64::from(self.floor);
        (floor + (1.0 - floor) * (1.0 + (std::f64::consts::PI * done).cos()) / 2.0) as f32
    }

    fn problem(&self) -> Option<String> {
        if self.rounds == 0 {
            return Some("rounds = 0 must be at least 1".into());
        }
        (!(0.0..1.0).contains(&self.floor)).then(|| format!("floor = {} must be at least 0 and below 1", self.floor))
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
