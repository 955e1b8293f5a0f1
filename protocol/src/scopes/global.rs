//! Global: one threshold for all rows together.

use super::{Asked, Share, Standing, left_in_all};
use crate::cut::cut;
use crate::settings;

settings! {
    /// One threshold for all rows: the best groups of the whole model are kept, in whichever layer (Lee et al. 2019,
    /// SNIP).
    pub struct Global {}
}

impl Share for Global {
    fn keep(&self, rows: &[Standing<'_>], asked: &Asked) -> Vec<u32> {
        shared_out(rows, left_in_all(rows, asked.budget))
    }

    fn knows_before(&self) -> bool {
        false
    }

    fn knows_total(&self) -> bool {
        true
    }
}

/// Keeps the `total` best groups of all rows; a row that would be empty keeps its best group, whatever the score.
fn shared_out(rows: &[Standing<'_>], total: u32) -> Vec<u32> {
    let best = |it: &Standing<'_>| it.candidates().max_by(f64::total_cmp);
    // The best group of a row that would be empty takes precedence.
    let reserved: Vec<Option<f64>> = rows.iter().map(|it| if it.lives() == 0 { best(it) } else { None }).collect();
    let lives: u32 = rows.iter().map(Standing::lives).sum();
    let stands: u32 = rows.iter().map(Standing::stands).sum();
    let n_reserved = reserved.iter().flatten().count() as u32;
    let n_chosen = total.saturating_sub(lives).max(n_reserved).min(stands);
    let free = || rows.iter().zip(&reserved).flat_map(|(row, reserved)| without_last(row.candidates(), *reserved));
    let mut judge = cut(free, (stands - n_chosen) as usize).judge();
    let keep = |(row, reserved): (&Standing<'_>, &Option<f64>)| {
        let chosen = without_last(row.candidates(), *reserved).filter(|it| judge(*it)).count() as u32;
        row.lives() + chosen + u32::from(reserved.is_some())
    };
    rows.iter().zip(&reserved).map(keep).collect()
}

/// All scores but one of the given value, if there is one. Which of several equal scores is left out makes no
/// difference.
fn without_last(scores: impl Iterator<Item = f64>, value: Option<f64>) -> impl Iterator<Item = f64> {
    let mut is_out = value.is_none();
    scores.filter(move |it| {
        let is_it = !is_out && value.is_some_and(|value| value.total_cmp(it).is_eq());
        is_out |= is_it;
        !is_it
    })
}
