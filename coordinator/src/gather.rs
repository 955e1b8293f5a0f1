//! Gather: updates of a round on their way to becoming one.

use std::collections::BTreeMap;

use protocol::kept::Kept;
use protocol::training::aggregations::Folding;

use crate::sums::Sum;

/// Updates of one round, folded as they come or kept until it closes.
#[derive(Clone, Debug)]
pub enum Gather {
    /// Nobody is asked for an update.
    Nothing,
    /// Everyone holds the same weights: one sum over those.
    Shared(Sum),
    /// Clients hold different parts: a sum over all weights, divided by everyone's weight.
    ByAll(Sum),
    /// Clients hold different parts: a sum over all weights, each divided by the weight of those who hold it.
    ByHolders {
        /// Σ weight · Δ.
        sum: Sum,
        /// Σ weight, and how many, of those who hold each weight.
        holders: Vec<(u32, u32)>,
        /// How many must hold it.
        at_least: u32,
    },
    /// Kept until the round closes, by client, so that nothing depends on who comes first.
    Sorted {
        /// Updates.
        updates: BTreeMap<u32, Vec<f32>>,
        /// Share left out at either end.
        trim: f64,
    },
}

impl Gather {
    /// Nothing gathered yet, of clients that hold these weights of a model.
    pub fn shared(folding: Folding, len: usize) -> Self {
        match folding {
            Folding::ByAll | Folding::ByHolders { .. } => Self::Shared(Sum::new(len)),
            Folding::Sorted { trim } => Self::Sorted { updates: BTreeMap::new(), trim },
        }
    }

    /// Nothing gathered yet, of clients that hold different parts of a model of so many weights.
    pub fn of_parts(folding: Folding, total: usize) -> Self {
        match folding {
            Folding::ByHolders { at_least } => {
                Self::ByHolders { sum: Sum::new(total), holders: vec![(0, 0); total], at_least }
            }
            // Robust aggregations compare updates of the same weights: recipes do not combine them with parts.
            Folding::ByAll | Folding::Sorted { .. } => Self::ByAll(Sum::new(total)),
        }
    }

    /// Takes one client's update of the weights that it holds, judged as [`Sum::add`] asks for.
    pub fn add(&mut self, client: u32, kept: &Kept, update: Vec<f32>, weight: u32) {
        match self {
            Self::Nothing => {}
            Self::Shared(sum) => sum.add(&update, weight),
            Self::ByAll(sum) => {
                sum.weigh(weight);
                each(kept, &update, |at, value| sum.add_at(at, value, weight));
            }
            Self::ByHolders { sum, holders, .. } => {
                sum.weigh(weight);
                each(kept, &update, |at, value| {
                    sum.add_at(at, value, weight);
                    holders[at].0 += weight;
                    holders[at].1 += 1;
                });
            }
            Self::Sorted { updates, .. } => {
                updates.insert(client, update);
            }
        }
    }

    /// What every weight moves by: one value for each that `kept` holds, or for parts for each of all. `None` when nothing
    /// was gathered.
    pub fn close(&self) -> Option<Vec<f64>> {
        match self {
            Self::Nothing => None,
            Self::Shared(sum) | Self::ByAll(sum) => sum.mean().map(Iterator::collect),
            Self::ByHolders { sum, holders, at_least } => {
                sum.mean().is_some().then_some(())?;
                let moved = |(at, (weight, n)): (usize, &(u32, u32))| {
                    if *weight > 0 && n >= at_least { sum.at(at) / f64::from(*weight) } else { 0.0 }
                };
                Some(holders.iter().enumerate().map(moved).collect())
            }
            Self::Sorted { updates, trim } => {
                let first = updates.values().next()?;
                let mut column = Vec::with_capacity(updates.len());
                let middle = |at| {
                    column.clear();
                    column.extend(updates.values().map(|it| it[at]));
                    trimmed_mean(&mut column, *trim)
                };
                Some((0..first.len()).map(middle).collect())
            }
        }
    }

    /// Whether it is over all weights of the model rather than over those that are alive.
    pub fn is_of_parts(&self) -> bool {
        matches!(self, Self::ByAll(_) | Self::ByHolders { .. })
    }
}

/// Calls `put` with the place of every weight that is held, and its value.
fn each(kept: &Kept, update: &[f32], mut put: impl FnMut(usize, f32)) {
    match kept.bits() {
        None => update.iter().enumerate().for_each(|(at, value)| put(at, *value)),
        Some(bits) => bits.iter().zip(update).for_each(|(at, value)| put(at, *value)),
    }
}

/// The mean without this share of the values at either end; with one half, the median.
fn trimmed_mean(values: &mut [f32], trim: f64) -> f64 {
    values.sort_unstable_by(f32::total_cmp);
    // At least the middle one, or the middle two, are left.
    let most = (values.len().saturating_sub(1)) / 2;
    let n_out = ((values.len() as f64 * trim).floor() as usize).min(most);
    let left = &values[n_out..values.len() - n_out];
    left.iter().map(|it| f64::from(*it)).sum::<f64>() / left.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use protocol::mask::Mask;

    use super::*;

    fn moved(mut gather: Gather, updates: &[(&[usize], &[f32], u32)]) -> Vec<f64> {
        for (client, (held, update, weight)) in updates.iter().enumerate() {
            let kept = Kept::some(Mask::from_fn(3, |it| held.contains(&it)));
            gather.add(client as u32, &kept, update.to_vec(), *weight);
        }
        gather.close().expect("something was gathered")
    }

    #[test]
    fn a_weight_that_one_of_two_holds_moves_half_or_whole() {
        let updates: &[(&[usize], &[f32], u32)] = &[(&[0, 1], &[1.0, 1.0], 1), (&[1, 2], &[1.0, 1.0], 1)];
        assert_eq!(moved(Gather::of_parts(Folding::ByAll, 3), updates), [0.5, 1.0, 0.5]);
        let by_holders = |at_least| moved(Gather::of_parts(Folding::ByHolders { at_least }, 3), updates);
        assert_eq!(by_holders(1), [1.0, 1.0, 1.0]);
        assert_eq!(by_holders(2), [0.0, 1.0, 0.0], "what one device holds stays");
    }

    #[test]
    fn a_median_does_not_heed_a_minority() {
        let all: &[usize] = &[0, 1, 2];
        let updates: &[(&[usize], &[f32], u32)] =
            &[(all, &[1.0, 0.0, 5.0], 1), (all, &[2.0, 0.0, -5.0], 1), (all, &[500.0, 0.0, 1.0], 1000)];
        assert_eq!(moved(Gather::shared(Folding::Sorted { trim: 0.5 }, 3), updates), [2.0, 0.0, 1.0]);
        let even = &updates[..2];
        assert_eq!(moved(Gather::shared(Folding::Sorted { trim: 0.5 }, 3), even), [1.5, 0.0, 0.0]);
    }

    #[test]
    fn a_trimmed_mean_leaves_out_either_end() {
        assert_eq!(trimmed_mean(&mut [9.0, 1.0, 2.0, 3.0, -50.0], 0.2), 2.0);
        assert_eq!(trimmed_mean(&mut [9.0, 1.0], 0.4), 5.0);
    }

    #[test]
    fn clients_that_hold_everything_are_averaged_as_ever() {
        let all: &[usize] = &[0, 1, 2];
        let updates: &[(&[usize], &[f32], u32)] = &[(all, &[1.0, -0.5, 0.0], 1), (all, &[0.0, 0.5, 0.0], 3)];
        let shared = moved(Gather::shared(Folding::ByAll, 3), updates);
        assert_eq!(shared, [0.25, 0.25, 0.0]);
        assert_eq!(moved(Gather::of_parts(Folding::ByAll, 3), updates), shared, "to the bit");
        assert_eq!(moved(Gather::of_parts(Folding::ByHolders { at_least: 1 }, 3), updates), shared);
    }
}
