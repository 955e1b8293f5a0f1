//! Level: every repetition of the stage ends with an event that drops a share.

use super::{At, Budget, Pace, Reach};
use crate::choices::Of;
use crate::settings;

settings! {
    /// Every repetition of the stage ends with an event that drops a share (Frankle & Carbin 2019, lottery tickets; Gez
    /// & Cohen 2023, MPFL).
    pub struct Level {
        /// Share dropped at every level; left out where the scope sets the share (`layer_vector`, `threshold`).
        drop: Option<f64> [above(0.0).below(1.0)] = None,
        /// Total that the share refers to.
        of: Of = Of::Remaining,
        /// First level, from 0, that drops groups.
        first: u32 [from(0.0).up_to(10_000.0)] = 0,
    }
}

impl Pace for Level {
    fn after(&self, at: &At) -> Budget {
        if !at.ends_level() {
            return Budget::Nothing;
        }
        let before = at.level.checked_sub(self.first);
        before.map_or(Budget::Same, |it| Budget::Drop { share: self.drop, of: self.of, nth: it + 1 })
    }

    fn reach(&self) -> Reach {
        Reach::Level
    }

    fn leaves_share_to_scope(&self) -> bool {
        self.drop.is_none()
    }
}
