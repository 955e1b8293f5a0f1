//! Choices: small closed vocabularies from which settings pick a value by name.

use crate::settings::choices;

choices! {
    /// How a group's entries become one number.
    pub enum Norm {
        /// The sum of absolute values: Σ |t|.
        L1 = "l1",
        /// The root of the sum of squares: √Σ t².
        L2 = "l2",
        /// The mean of absolute values: Σ |t| divided by the number of entries.
        Mean = "mean",
    }

    /// The entries of a group that count.
    pub enum Over {
        /// The group's own weights: those that multiply its inputs.
        Own = "own",
        /// All weights of the group: bias, norm and the next layer's column too.
        All = "all",
    }

    /// Divisor of scores, applied before scores are compared or multiplied.
    pub enum Scale {
        /// No divisor.
        None = "none",
        /// Ranks replace the scores: (strictly lower scores in the row + 1) / groups that take part.
        Rank = "rank",
        /// Standard deviation of the initial weights of the row.
        InitStd = "init_std",
        /// Time that a weight of the row costs a client.
        Cost = "cost",
    }

    /// How a fraction of groups becomes a number of groups.
    pub enum Rounding {
        /// To nearest, halves up.
        HalfUp = "half_up",
        /// To nearest, halves to even (Python's `round`).
        HalfEven = "half_even",
        /// Down.
        Floor = "floor",
        /// Up.
        Ceil = "ceil",
    }

    /// The number that is rounded.
    pub enum Rounded {
        /// The number of groups kept.
        Kept = "kept",
        /// The number of groups dropped.
        Dropped = "dropped",
    }

    /// The total that a share refers to.
    pub enum Of {
        /// The groups alive.
        Remaining = "remaining",
        /// All groups, so that shares add up from level to level.
        Total = "total",
    }

    /// Initial value of a group that comes back.
    pub enum Regrow {
        /// The value that the coordinator still holds.
        Held = "held",
        /// The value 0.
        Zero = "zero",
    }

    /// For whom a part of the model is drawn.
    pub enum Draw {
        /// Every client gets its own part.
        Client = "client",
        /// All clients get the same part in a round.
        Round = "round",
    }

    /// Criterion by which dead groups come back, and how many do.
    pub enum Grow {
        /// The pruning criterion, which ranks dead groups together with the weakest living ones; the scope decides how
        /// many live (Jiang et al. 2022, PruneFL: the groups that raise Γ).
        Gamma = "gamma",
        /// By |g|: the dead groups with the largest gradients, as many as are pruned (Evci et al. 2020, RigL).
        Gradient = "gradient",
        /// At random: as many dead groups as are pruned (Mocanu et al. 2018, SET).
        Random = "random",
    }

    /// How gradients of several clients and rounds are combined.
    pub enum Fold {
        /// The sum: Σ g.
        Sum = "sum",
        /// The sum of absolute values, client by client: Σ |g|.
        Abs = "abs",
        /// The sum of squares, client by client: Σ g².
        Square = "square",
    }

    /// What a client sends one number for.
    pub enum Grain {
        /// Every weight.
        Weights = "weights",
        /// Every group.
        Groups = "groups",
    }

    /// When a client sends what it has gathered.
    pub enum Sends {
        /// With every round.
        Round = "round",
        /// With the rounds that end in a mask event.
        Event = "event",
    }

    /// What clients send of their gradients.
    pub enum Travels {
        /// The gradients: g.
        Gradients = "gradients",
        /// Products of gradients with the client's own weights: |w · g|.
        Scores = "scores",
    }

    /// The weights of a round that are used.
    pub enum Moment {
        /// The weights that clients received.
        Received = "received",
        /// The weights after training: a client's own or, where the coordinator scores, their average.
        Trained = "trained",
    }

    /// Initial weights of a session that starts from a ticket.
    pub enum TicketWeights {
        /// The ticket's.
        Ticket = "ticket",
        /// New weights, drawn from the session's seed (the control by random re-initialisation).
        Fresh = "fresh",
    }

    /// Mask of a session that starts from a ticket.
    pub enum TicketMask {
        /// The ticket's.
        Ticket = "ticket",
        /// As many groups of each row as in the ticket, drawn at random (the control by random masks).
        Shuffled = "shuffled",
    }

    /// How the change of a mask is measured.
    pub enum Change {
        /// The groups whose bit changed, as a share of all groups: |m ⊕ m′| / n.
        Groups = "groups",
        /// The relative change in density since the previous event: |d / d′ − 1|. Groups may still be exchanged.
        Density = "density",
    }

    /// The weight of an update in the average.
    pub enum By {
        /// The number of samples the client trained on.
        Samples = "samples",
        /// The same weight for every client.
        Equal = "equal",
    }

    /// What an optimizer remembers from one plan to the next.
    pub enum Memory {
        /// Nothing: the optimizer starts anew with every plan.
        Fresh = "fresh",
        /// Everything, until the stage or its level ends; batches and noise are numbered by steps since the start of
        /// the stage or level.
        Kept = "kept",
    }
}

impl By {
    /// Weight of an update from this many samples.
    pub fn weight(self, n_samples: u32) -> u32 {
        match self {
            Self::Samples => n_samples,
            Self::Equal => 1,
        }
    }
}

impl Rounding {
    /// Rounds a fraction to a number of groups. A value within a billionth of a whole number or a half counts as that
    /// number: 0.8 · 30,000 is 24,000 and 0.3 · 15 is 4.5, whatever the last bit of the product is.
    pub fn round(self, value: f64) -> f64 {
        let half = (2.0 * value).round() / 2.0;
        let value = if (value - half).abs() <= 1e-9 * value.abs().max(1.0) { half } else { value };
        match self {
            Self::HalfUp => value.round(),
            Self::HalfEven => value.round_ties_even(),
            Self::Floor => value.floor(),
            Self::Ceil => value.ceil(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_where_the_rule_says() {
        let all = [Rounding::HalfUp, Rounding::HalfEven, Rounding::Floor, Rounding::Ceil];
        assert_eq!(all.map(|it| it.round(2.5)), [3.0, 2.0, 2.0, 3.0]);
        assert_eq!(all.map(|it| it.round(3.5)), [4.0, 4.0, 3.0, 4.0]);
        assert_eq!(all.map(|it| it.round(0.1 + 0.2 + 0.7)), [1.0; 4]);
        assert_eq!(Rounding::Ceil.round(3.0 * 0.1 * 10.0), 3.0, "3.0000000000000004 is three");
        assert_eq!(all.map(|it| it.round((1.0 - 0.7) * 15.0)), [5.0, 4.0, 4.0, 5.0], "4.500000000000001 is a half");
    }
}
