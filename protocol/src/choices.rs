//! Choices: small closed vocabularies that settings pick from by name.

use crate::settings::choices;

choices! {
    /// How a group's entries become one number.
    pub enum Norm {
        /// Their sum, without signs: Σ |t|.
        L1 = "l1",
        /// The root of their summed squares: √Σ t².
        L2 = "l2",
        /// Their mean, without signs: Σ |t| by the number of entries.
        Mean = "mean",
    }

    /// Which of a group's entries count.
    pub enum Over {
        /// Its own weights: what it multiplies its inputs by.
        Own = "own",
        /// All that belongs to it: bias, norm and the next layer's column too.
        All = "all",
    }

    /// What scores are divided by before they are compared or multiplied.
    pub enum Scale {
        /// Nothing.
        None = "none",
        /// Ranks take their place: (strictly lower ones of the row + 1) / groups that take part.
        Rank = "rank",
        /// The standard deviation with which the row's weights started.
        InitStd = "init_std",
        /// What a weight of the row costs a client in time.
        Cost = "cost",
    }

    /// How a fraction of groups becomes a number of groups.
    pub enum Rounding {
        /// To the nearest, halves up.
        HalfUp = "half_up",
        /// To the nearest, halves to the even one (Python's `round`).
        HalfEven = "half_even",
        /// Down.
        Floor = "floor",
        /// Up.
        Ceil = "ceil",
    }

    /// What is rounded.
    pub enum Rounded {
        /// How many groups are kept.
        Kept = "kept",
        /// How many groups are dropped.
        Dropped = "dropped",
    }

    /// What a share is of.
    pub enum Of {
        /// The groups alive.
        Remaining = "remaining",
        /// All groups, once more with every level.
        Total = "total",
    }

    /// What a group that comes back starts from.
    pub enum Regrow {
        /// The value that the coordinator still holds.
        Held = "held",
        /// The value 0.
        Zero = "zero",
    }

    /// For whom a part of the model is drawn.
    pub enum Draw {
        /// Every client has its own.
        Client = "client",
        /// Everyone has the same in a round.
        Round = "round",
    }

    /// By what dead groups come back, and how many.
    pub enum Grow {
        /// By the criterion, which ranks them together with the weakest living: as many live as the scope finds (Jiang et
        /// al. 2022, PruneFL: those that raise Γ).
        Gamma = "gamma",
        /// By |g|: of the dead those with the largest gradients, as many as go (Evci et al. 2020, RigL).
        Gradient = "gradient",
        /// By lot: as many of the dead as go (Mocanu et al. 2018, SET).
        Random = "random",
    }

    /// How gradients of several clients and rounds become one.
    pub enum Fold {
        /// The sum: Σ g.
        Sum = "sum",
        /// The sum without signs, client by client: Σ |g|.
        Abs = "abs",
        /// The sum of squares, client by client: Σ g².
        Square = "square",
    }

    /// What a client sends a number for.
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

    /// What travels of gradients.
    pub enum Travels {
        /// The gradients: g.
        Gradients = "gradients",
        /// Their products with the client's own weights: |w · g|.
        Scores = "scores",
    }

    /// Which weights of a round are meant.
    pub enum Moment {
        /// Those that clients were sent.
        Received = "received",
        /// Those that training made of them: a client's own, and, where the coordinator scores, their average.
        Trained = "trained",
    }

    /// Which weights a session takes of its ticket.
    pub enum TicketWeights {
        /// The ticket's.
        Ticket = "ticket",
        /// None: it draws its own, from its seed (the control by random re-initialisation).
        Fresh = "fresh",
    }

    /// Which mask a session takes of its ticket.
    pub enum TicketMask {
        /// The ticket's.
        Ticket = "ticket",
        /// As many groups of each row as the ticket's, by lot (the control by random masks).
        Shuffled = "shuffled",
    }

    /// What of a mask may still change where it counts as settled.
    pub enum Change {
        /// The groups whose bit changed, as a share of all groups: |m ⊕ m′| / n.
        Groups = "groups",
        /// The density, relative to what the event before left: |d / d′ − 1|. As many may come as go.
        Density = "density",
    }

    /// What an update counts by.
    pub enum By {
        /// The samples that it was trained on.
        Samples = "samples",
        /// Every client alike.
        Equal = "equal",
    }

    /// What an optimizer remembers from one plan to the next.
    pub enum Memory {
        /// Nothing: it begins anew with every plan.
        Fresh = "fresh",
        /// All, until the stage or its level ends; batches and noise are counted by step since that began.
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
    /// A number of groups from a fraction. What lies within a billionth of a whole number or a half is that number: 0.8 ·
    /// 30,000 is 24,000 and 0.3 · 15 is four and a half, whatever the last bit of the product says.
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
