//! Scopes: how a budget is divided among the rows of a model.

pub mod layer_equal;
pub mod layer_vector;
pub mod global;
pub mod adaptive;
pub mod threshold;
pub mod cost_global;

use crate::choices::{Of, Rounded, Rounding};
use crate::dynamics::Fate;
use crate::registry;
use crate::schedules::Budget;

registry! {
    /// How the groups to drop are divided among rows.
    pub enum Scope: Share {
        "layer_equal" => layer_equal::LayerEqual,
        "layer_vector" => layer_vector::LayerVector,
        "global" => global::Global,
        "adaptive" => adaptive::Adaptive,
        "threshold" => threshold::Threshold,
        "cost_global" => cost_global::CostGlobal,
    }
}

/// A row before its share is known.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// Fate of each group, before the choice among candidates.
    pub fates: &'a [Fate],
    /// Score of each group.
    pub scores: &'a [f64],
    /// Number of living groups.
    pub alive: u32,
    /// Standard deviation of the row's living own weights (the population's).
    pub deviation: f64,
    /// Standard deviation of the initial weights.
    pub init_std: f64,
    /// Seconds that one weight of the row costs a client.
    pub tau: f64,
    /// Number of weights per group.
    pub own_len: u32,
}

impl<'a> Standing<'a> {
    /// Number of groups.
    pub fn size(&self) -> u32 {
        self.fates.len() as u32
    }

    /// Number of groups that live whatever the scope decides.
    pub fn lives(&self) -> u32 {
        self.fates.iter().filter(|it| **it == Fate::Lives).count() as u32
    }

    /// Number of candidates, among which the scope chooses.
    pub fn stands(&self) -> u32 {
        self.fates.iter().filter(|it| **it == Fate::Stands).count() as u32
    }

    /// Scores of the candidates, in the order of the groups.
    pub fn candidates(&self) -> impl Iterator<Item = f64> + 'a {
        self.worth(Fate::Stands)
    }

    /// Scores of the groups with this fate, in the order of the groups.
    pub fn worth(&self, fate: Fate) -> impl Iterator<Item = f64> + 'a {
        self.fates.iter().zip(self.scores).filter(move |it| *it.0 == fate).map(|it| *it.1)
    }

    /// The nearest possible number of living groups: at least one, at least those that live anyway, and at most all
    /// those that can live.
    pub fn possible(&self, keep: f64) -> u32 {
        let (lives, stands) = (self.lives(), self.stands());
        let most = lives + stands;
        (keep.max(0.0).min(f64::from(most)) as u32).max(lives).max(1).min(most)
    }
}

/// Input of a scope besides the rows.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Budget of the event.
    pub budget: Budget,
    /// Seconds of a round that do not depend on the mask.
    pub constant: f64,
    /// Gain of weights that cannot be pruned.
    pub unprunable: f64,
}

/// Divides a budget among rows.
pub trait Share {
    /// Number of living groups per row after the event, including groups that live anyway.
    fn keep(&self, rows: &[Standing<'_>], asked: &Asked) -> Vec<u32>;

    /// Whether the result depends only on the numbers of groups, not on scores.
    fn knows_before(&self) -> bool {
        true
    }

    /// Whether the total number of groups is known before scores are.
    fn knows_total(&self) -> bool {
        self.knows_before()
    }

    /// Whether this scope sets the share to drop itself.
    fn has_shares(&self) -> bool {
        false
    }

    /// Whether this scope uses the schedule's share to drop, so that the total the share refers to matters.
    fn drops_shares(&self) -> bool {
        !self.has_shares()
    }

    /// Name of a key that was set but has no effect because of the other keys.
    fn idle(&self) -> Option<&'static str> {
        None
    }

    /// Whether this scope finds a density itself, which needs costs.
    fn is_free(&self) -> bool {
        false
    }

    /// Number of lists of shares that were set, for a scope that takes one list.
    fn n_vectors(&self) -> Option<u32> {
        None
    }

    /// Number of rows for which shares were set, if shares are set per row.
    fn n_rows(&self) -> Option<usize> {
        None
    }
}

/// Number of groups that a budget leaves of `size`, of which `alive` live now, rounded; `share` replaces the budget's
/// own.
pub(crate) fn left(budget: Budget, share: Option<f64>, size: u32, alive: u32, rounding: (Rounding, Rounded)) -> f64 {
    let (size, alive) = (f64::from(size), f64::from(alive));
    let rounded = |whole: f64, kept_share: f64| match rounding {
        (rounding, Rounded::Kept) => rounding.round(whole * kept_share),
        (rounding, Rounded::Dropped) => whole - rounding.round(whole * (1.0 - kept_share)),
    };
    match budget {
        Budget::Nothing | Budget::Same | Budget::Free { cap: None } => alive,
        Budget::Keep(keep) => rounded(size, keep),
        Budget::Free { cap: Some(cap) } => rounded(size, cap).min(alive),
        Budget::Drop { share: given, of, nth } => match (share.or(given).unwrap_or(0.0), of) {
            (share, Of::Remaining) => match rounding {
                (rounding, Rounded::Kept) => rounding.round(alive * (1.0 - share)),
                (rounding, Rounded::Dropped) => alive - rounding.round(alive * share),
            },
            (share, Of::Total) => rounded(size, (1.0 - share * f64::from(nth)).max(0.0)),
        },
    }
}

/// Number of groups that a budget leaves over all rows together, rounded to nearest; `size` and `alive` count all rows.
pub fn total_left(budget: Budget, size: u32, alive: u32) -> u32 {
    left(budget, None, size, alive, (Rounding::HalfUp, Rounded::Kept)) as u32
}

/// Number of groups that a budget leaves over all rows together.
pub(crate) fn left_in_all(rows: &[Standing<'_>], budget: Budget) -> u32 {
    total_left(budget, rows.iter().map(Standing::size).sum(), rows.iter().map(|it| it.alive).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Scope {
        serde_json::from_str(text).expect("a scope")
    }

    /// Result of a scope for rows in which every group is alive and a candidate.
    fn kept(text: &str, rows: &[&[f64]], budget: Budget) -> Vec<u32> {
        let fates: Vec<Vec<Fate>> = rows.iter().map(|it| vec![Fate::Stands; it.len()]).collect();
        let standing: Vec<Standing<'_>> = rows
            .iter()
            .zip(&fates)
            .map(|(scores, fates)| Standing {
                fates,
                scores,
                alive: scores.len() as u32,
                deviation: 1.0,
                init_std: 1.0,
                tau: 1.0,
                own_len: 1,
            })
            .collect();
        read(text).keep(&standing, &Asked { budget, constant: 0.0, unprunable: 0.0 })
    }

    fn row(n: usize, scale: f64) -> Vec<f64> {
        (0..n).map(|it| (it + 1) as f64 * scale / n as f64).collect()
    }

    #[test]
    fn layer_equal_counts_down_to_the_density_and_never_to_nothing() {
        let rows = [row(300, 1.0), row(100, 1.0)];
        let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
        let keep = |density| kept(r#"{"kind":"layer_equal"}"#, &rows, Budget::Keep(density));
        assert_eq!((keep(0.9), keep(0.0001)), (vec![270, 90], vec![1, 1]));
    }

    #[test]
    fn rounding_is_of_what_the_recipe_says() {
        let ten = row(10, 1.0);
        for (rounding, what, expected) in [
            ("half_up", "kept", 8),
            ("half_up", "dropped", 7),
            ("half_even", "dropped", 8),
            ("floor", "kept", 7),
            ("ceil", "kept", 8),
        ] {
            let text = format!(r#"{{"kind":"layer_equal","rounding":"{rounding}","round_what":"{what}"}}"#);
            assert_eq!(kept(&text, &[&ten], Budget::Keep(0.75)), [expected], "{text}");
        }
    }

    #[test]
    fn lottery_tickets_keep_what_their_authors_keep() {
        // 0.8, 0.8 and 0.9 of the remaining groups, rounded up: Frankle & Carbin 2019 for LeNet-300-100.
        let drop = Budget::Drop { share: None, of: Of::Remaining, nth: 1 };
        let keep = |rounding: Rounding, sizes: [u32; 3]| -> Vec<u32> {
            let shares = sizes.iter().zip([0.2, 0.2, 0.1]);
            shares.map(|(n, share)| left(drop, Some(share), *n, *n, (rounding, Rounded::Kept)) as u32).collect()
        };
        assert_eq!(keep(Rounding::Ceil, [235_200, 30_000, 1_000]), [188_160, 24_000, 900]);
        assert_eq!(keep(Rounding::Ceil, [188_160, 24_000, 900]), [150_528, 19_200, 810]);
        assert_eq!(keep(Rounding::Ceil, [150_528, 19_200, 810]), [120_423, 15_360, 729]);
        assert_eq!(keep(Rounding::HalfUp, [150_528, 19_200, 810])[0], 120_422);
    }

    #[test]
    fn mpfl_drops_a_tenth_of_what_is_left_as_python_rounds() {
        let mut alive = 64;
        let mut levels = vec![];
        for nth in 1..10 {
            let drop = Budget::Drop { share: Some(0.1), of: Of::Remaining, nth };
            alive = left(drop, None, 64, alive, (Rounding::HalfEven, Rounded::Dropped)) as u32;
            levels.push(alive);
        }
        assert_eq!(levels, [58, 52, 47, 42, 38, 34, 31, 28, 25]);
    }

    #[test]
    fn of_the_total_means_once_more_with_every_level() {
        let drop = |nth| Budget::Drop { share: Some(0.1), of: Of::Total, nth };
        let keep = |nth| left(drop(nth), None, 50, 50, (Rounding::HalfUp, Rounded::Kept));
        assert_eq!([keep(1), keep(2), keep(9), keep(12)], [45.0, 40.0, 5.0, 0.0]);
    }

    #[test]
    fn snip_keeps_what_its_authors_keep() {
        for (n, density, expected) in
            [(266_610, 0.05, 13_331), (266_610, 0.02, 5_332), (431_080, 0.02, 8_622), (431_080, 0.01, 4_311)]
        {
            let scores = row(n, 1.0);
            assert_eq!(kept(r#"{"kind":"global"}"#, &[&scores], Budget::Keep(density)), [expected], "{n} at {density}");
        }
    }

    #[test]
    fn one_threshold_for_all_differs_from_equal_shares() {
        let (weak, strong) = (row(100, 1.0), row(100, 10.0));
        assert_eq!(kept(r#"{"kind":"global"}"#, &[&weak, &strong], Budget::Keep(0.5)), [9, 91]);
        assert_eq!(kept(r#"{"kind":"layer_equal"}"#, &[&weak, &strong], Budget::Keep(0.5)), [50, 50]);
        // A row keeps at least one group, within the total budget.
        let tiny = row(100, 1e-9);
        assert_eq!(kept(r#"{"kind":"global"}"#, &[&tiny, &strong], Budget::Keep(0.5)), [1, 99]);
    }

    #[test]
    fn adaptive_gives_to_each_layer_by_its_importance_and_meets_the_budget() {
        // Mean scores 1 and 3.
        let (one, three) = (vec![1.0; 100], vec![3.0; 100]);
        let keep = |budget| kept(r#"{"kind":"adaptive"}"#, &[&one, &three], Budget::Keep(budget));
        assert_eq!(keep(0.5), [25, 75]);
        assert_eq!(keep(0.8), [60, 100], "the second cannot keep more than all");
    }

    #[test]
    fn a_quota_is_not_wrapped_at_sixteen_bits() {
        let many = row(300_000, 1.0);
        assert_eq!(kept(r#"{"kind":"layer_equal"}"#, &[&many], Budget::Keep(0.1)), [30_000]);
        assert_eq!(kept(r#"{"kind":"layer_equal"}"#, &[&many], Budget::Keep(0.5)), [150_000]);
    }

    #[test]
    fn a_vector_says_each_rows_share() {
        let (a, b) = (row(10, 1.0), row(10, 1.0));
        let drop = Budget::Drop { share: None, of: Of::Remaining, nth: 1 };
        assert_eq!(kept(r#"{"kind":"layer_vector","drop":[0.2,0.5]}"#, &[&a, &b], drop), [8, 5]);
        assert_eq!(kept(r#"{"kind":"layer_vector","keep":[0.9,0.1]}"#, &[&a, &b], drop), [9, 1]);
    }
}
