//! Rows: which recipes are played, with how much data, and what is claimed of each.

use crate::claim::Claim;
use crate::row::Row;
use crate::subset::WHOLE;

/// Number of training images of most rows: a sixth of MNIST, so that all rows together take minutes.
const PART: usize = 10_000;
/// Number of clients of rows with many clients, and of rows with short rounds.
const MANY: u32 = 10;
const FEW: u32 = 5;

/// Rows in the order in which they are played.
pub(crate) const ROWS: &[Row] = &[
    Row { recipe: "voted", edits: &[], samples: PART, clients: MANY, searches: &[], claims: &[Claim::BeatsLot] },
    Row { recipe: "mpfl", edits: &[], samples: PART, clients: MANY, searches: &["search"], claims: &[Claim::BeatsLot] },
    // The authors' code trains ten epochs per level, as the recipe does; after one epoch, the choice is hardly better
    // than random.
    Row {
        recipe: "mpfl",
        edits: &[("stage.search.local.epochs", "1")],
        samples: PART,
        clients: MANY,
        searches: &["search"],
        claims: &[Claim::BeatsLot],
    },
    Row {
        recipe: "federated_pruning",
        edits: &[],
        samples: PART,
        clients: MANY,
        searches: &[],
        claims: &[Claim::BeatsLot],
    },
    Row {
        recipe: "federated_snip",
        edits: &[("stage.train.rounds", "200")],
        samples: PART,
        clients: FEW,
        searches: &[],
        claims: &[Claim::BeatsLot],
    },
    Row {
        recipe: "federated_dropout",
        edits: &[],
        samples: PART,
        clients: MANY,
        searches: &[],
        claims: &[Claim::WithinDense(1.0)],
    },
    Row {
        recipe: "federated_dropout",
        edits: &[("mask.dynamics.rescale", "false"), ("local.optimizer.learning_rate", "0.15")],
        samples: PART,
        clients: MANY,
        searches: &[],
        claims: &[Claim::WithinDense(1.0)],
    },
    Row {
        recipe: "prunefl",
        edits: &[],
        samples: PART,
        clients: FEW,
        searches: &["initial"],
        claims: &[Claim::DensityBelow(0.5), Claim::BeatsLot],
    },
    Row {
        recipe: "snip",
        edits: &[("stage.score.mask.schedule.keep", "0.1"), ("stage.train.rounds", "8")],
        samples: WHOLE,
        clients: 1,
        searches: &["score"],
        claims: &[Claim::BeatsLot, Claim::WithinDense(0.8)],
    },
    Row {
        recipe: "snip",
        edits: &[("stage.train.rounds", "8")],
        samples: WHOLE,
        clients: 1,
        searches: &["score"],
        claims: &[Claim::BeatsLot, Claim::WithinDense(1.2)],
    },
    Row {
        recipe: "lottery_ticket",
        edits: &[("stage.level.rounds", "30"), ("stage.last.rounds", "30")],
        samples: WHOLE,
        clients: 1,
        searches: &["level"],
        claims: &[Claim::BeatsLot],
    },
    Row { recipe: "magnitude", edits: &[], samples: PART, clients: 1, searches: &[], claims: &[Claim::BeatsLot] },
    Row {
        recipe: "obd",
        edits: &[],
        samples: PART,
        clients: 1,
        searches: &[],
        claims: &[Claim::BeatsLot, Claim::BeatsMagnitude],
    },
    // Closer to a minimum, and with the empirical Fisher information instead.
    Row {
        recipe: "obd",
        edits: &[("stage.train.rounds", "40")],
        samples: PART,
        clients: 1,
        searches: &[],
        claims: &[Claim::BeatsMagnitude],
    },
    Row {
        recipe: "obd",
        edits: &[("mask.evidence", "{ kind = \"batches\", n = 1000, size = 1, fold = \"square\" }")],
        samples: PART,
        clients: 1,
        searches: &[],
        claims: &[Claim::BeatsMagnitude],
    },
    Row {
        recipe: "weight_x_gradient",
        edits: &[],
        samples: PART,
        clients: 1,
        searches: &["level"],
        claims: &[Claim::BeatsLot],
    },
];
