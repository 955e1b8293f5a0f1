//! Covered: the groups or weights of which a client sends evidence; both sides derive the set.

use crate::choices::Over;
use crate::evidence::Source;
use crate::graph::Graph;
use crate::groups::{Form, Groups, Role, Row, Stripe};
use crate::kept::Kept;
use crate::mask::Mask;

/// The set that a client's evidence covers, in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Covered {
    /// Groups whose bit is set.
    Groups(Mask),
    /// Weights.
    Weights(Kept),
}

impl Covered {
    /// The set covered by a client that trains what a mask keeps. In a smaller model only living weights have
    /// gradients; where weights are masked, all have gradients. Weights that are not trained by gradients have none.
    pub fn of(source: Source, graph: &Graph, groups: &Groups, mask: &Mask, kept: &Kept) -> Self {
        if source.is_of_groups() {
            return Self::Groups(match groups.form {
                Form::Narrow => mask.clone(),
                Form::Masked => Mask::full(mask.len()),
            });
        }
        let mut trained = Mask::empty(graph.n_params());
        trained.fill(0..graph.n_trained());
        let alive = || kept.bits().cloned().unwrap_or_else(|| Mask::full(graph.n_params()));
        Self::Weights(Kept::some(match (source, groups.form) {
            (Source::Rounds, _) => trained.and_not(&alive()),
            (_, Form::Masked) => trained,
            (_, Form::Narrow) => trained.and(&alive()),
        }))
    }

    /// How many numbers are sent.
    pub fn len(&self) -> usize {
        match self {
            Self::Groups(mask) => mask.count(),
            Self::Weights(kept) => kept.len(),
        }
    }

    /// Whether no number is sent.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls `put` with the index of every number, among all groups or all weights.
    pub fn each<T: Copy>(&self, values: impl IntoIterator<Item = T>, mut put: impl FnMut(usize, T)) {
        let bits = match self {
            Self::Groups(mask) => Some(mask),
            Self::Weights(kept) => kept.bits(),
        };
        match bits {
            None => values.into_iter().enumerate().for_each(|(at, it)| put(at, it)),
            Some(bits) => bits.iter().zip(values).for_each(|(at, it)| put(at, it)),
        }
    }
}

/// Number of entries over which the mean of a group is taken: the entries that gradients move, either the group's own
/// or all that belong to the group, dead or alive.
pub fn n_entries(row: &Row, over: Over) -> u32 {
    let counts = |it: &&Stripe| it.is_trained && (over == Over::All || it.role == Role::Own);
    row.stripes.iter().filter(counts).map(|it| it.outer.n * it.inner.n).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::choices::{Fold, Grain, Sends};
    use crate::groups::Among;
    use crate::model::Stack;
    use crate::patterns::Pattern;

    /// Covered indices of a 2-3-2 network whose group 1 is dead.
    fn places(pattern: &str, source: Source) -> Vec<usize> {
        let layers = r#"[{"kind":"linear","units":3},{"kind":"relu"},{"kind":"linear","units":2}]"#;
        let stack: Stack = serde_json::from_str(&format!(r#"{{"input":[2],"layers":{layers}}}"#)).expect("a stack");
        let model = stack.check().expect("a model");
        let pattern: Pattern = serde_json::from_str(&format!(r#"{{"kind":"{pattern}"}}"#)).expect("a pattern");
        let groups = pattern.groups(model.graph(), &Among::usual());
        let mask = Mask::from_fn(groups.n_groups(), |it| it != 1);
        let kept = groups.kept(model.graph(), &mask);
        let covered = Covered::of(source, model.graph(), &groups, &mask, &kept);
        let mut places = vec![];
        covered.each(0..covered.len(), |at, _| places.push(at));
        places
    }

    fn steps(of: Grain) -> Source {
        Source::Steps { fold: Fold::Abs, of, every: Sends::Round }
    }

    #[test]
    fn a_smaller_model_has_gradients_of_the_alive_and_a_masked_one_of_all() {
        assert_eq!(places("unit", steps(Grain::Groups)), [0, 2]);
        // Unit 1 owns 2, 3 (weights), 7 (bias), 10 and 13 (the next layer's column).
        assert_eq!(places("unit", steps(Grain::Weights)), [0, 1, 4, 5, 6, 8, 9, 11, 12, 14, 15, 16]);
        assert_eq!(places("weight", steps(Grain::Weights)), (0..17).collect::<Vec<_>>());
        assert_eq!(places("weight", Source::Rounds), [1], "the others are read from updates");
    }
}
