//! Scopes: how a budget is shared out among the rows of a model.

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
    /// From where the groups that must go are taken.
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
    /// What happens to each group unless it is chosen.
    pub fates: &'a [Fate],
    /// What each group is worth.
    pub scores: &'a [f64],
    /// Groups alive.
    pub alive: u32,
    /// Standard deviation of the row's alive own weights over all of them (the population's).
    pub deviation: f64,
    /// Standard deviation with which they started.
    pub init_std: f64,
    /// Seconds that one weight of the row costs a client.
    pub tau: f64,
    /// Weights of one group.
    pub own_len: u32,
}

impl<'a> Standing<'a> {
    /// Groups in all.
    pub fn size(&self) -> u32 {
        self.fates.len() as u32
    }

    /// Groups that live whatever the scope says.
    pub fn lives(&self) -> u32 {
        self.fates.iter().filter(|it| **it == Fate::Lives).count() as u32
    }

    /// Groups that the scope may choose.
    pub fn stands(&self) -> u32 {
        self.fates.iter().filter(|it| **it == Fate::Stands).count() as u32
    }

    /// What those are worth, in the order of their numbers.
    pub fn candidates(&self) -> impl Iterator<Item = f64> + 'a {
        self.worth(Fate::Stands)
    }

    /// What the groups of a fate are worth, in the order of their numbers.
    pub fn worth(&self, fate: Fate) -> impl Iterator<Item = f64> + 'a {
        self.fates.iter().zip(self.scores).filter(move |it| *it.0 == fate).map(|it| *it.1)
    }

    /// The nearest number of groups that can be alive: all that live by themselves, at least one, and no more than there
    /// are.
    pub fn possible(&self, keep: f64) -> u32 {
        let (lives, stands) = (self.lives(), self.stands());
        let most = lives + stands;
        (keep.max(0.0).min(f64::from(most)) as u32).max(lives).max(1).min(most)
    }
}

/// What a scope is asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// What the event asks for.
    pub budget: Budget,
    /// Seconds of a round that do not depend on the mask.
    pub constant: f64,
    /// What is gained by weights that nobody may prune.
    pub unprunable: f64,
}

/// How a budget becomes numbers of groups.
pub trait Share {
    /// How many groups of each row are alive afterwards, those included that live by themselves.
    fn keep(&self, rows: &[Standing<'_>], asked: &Asked) -> Vec<u32>;

    /// Whether that depends on the number of groups alone, and not on what they are worth.
    fn knows_before(&self) -> bool {
        true
    }

    /// Whether the number of groups over all rows together is known before.
    fn knows_total(&self) -> bool {
        self.knows_before()
    }

    /// Whether it says by itself which share goes.
    fn has_shares(&self) -> bool {
        false
    }

    /// Whether a share that goes is the one it reckons with, so that it matters of what the share is.
    fn drops_shares(&self) -> bool {
        !self.has_shares()
    }

    /// A key that was given and that the others leave without effect.
    fn idle(&self) -> Option<&'static str> {
        None
    }

    /// Whether it finds a density by itself, and needs costs for that.
    fn is_free(&self) -> bool {
        false
    }

    /// How many lists of shares it was given, of a scope that takes one.
    fn n_vectors(&self) -> Option<u32> {
        None
    }

    /// How many rows it speaks of, if it speaks of each.
    fn n_rows(&self) -> Option<usize> {
        None
    }
}

/// How many of `size` groups, `alive` now, a budget leaves, rounded; `share` replaces the budget's own.
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

/// What a budget leaves of so many groups of all rows together, of which so many are alive, rounded to the nearest group.
pub fn total_left(budget: Budget, size: u32, alive: u32) -> u32 {
    left(budget, None, size, alive, (Rounding::HalfUp, Rounded::Kept)) as u32
}

/// What a budget leaves over all rows together.
pub(crate) fn left_in_all(rows: &[Standing<'_>], budget: Budget) -> u32 {
    total_left(budget, rows.iter().map(Standing::size).sum(), rows.iter().map(|it| it.alive).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Scope {
        serde_json::from_str(text).expect("a scope")
    }

    /// What a scope keeps of rows of which everything stands and is alive.
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
        // 0.8, 0.8 and 0.9 of what is left, rounded up: Frankle & Carbin 2019 for LeNet-300-100.
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
        // A row keeps one group at least, within the budget of the whole.
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
