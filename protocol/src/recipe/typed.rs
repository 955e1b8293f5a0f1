//! Typed: a recipe as written.

use crate::choices::{TicketMask, TicketWeights};
use crate::local::{TypedCoding, TypedLocal};
use crate::models::RawModel;
use crate::rules::TypedPruning;
use crate::settings;
use crate::settings::written;
use crate::training::aggregations::Aggregation;
use crate::training::cohorts::Cohort;
use crate::training::untils::Until;

/// Newest version of the recipe format that this program reads.
pub const VERSION: u32 = 1;

written! {
    /// A recipe as written.
    pub struct RawRecipe {
        /// Short name, shown with the session.
        name: String,
        /// One sentence: what the recipe does and where it comes from.
        about: String,
        /// Version of the recipe format. A version above 1, the newest this program reads, needs a newer program.
        version: Option<u32> [from(1.0)] = absent,
        /// The publications behind the recipe; `pleach recipes NAME --cite` prints them.
        cite: Vec<Citation> = absent,
        /// The model that is trained.
        model: RawModel,
        /// How long a flat recipe runs, and how many contributions a round needs.
        rounds: Rounds = absent,
        /// What a session starts from. Default: the initial weights w0 of its seed, all groups alive.
        start: Option<Start> = absent,
        /// What a round costs a client, for scopes and criteria that count costs.
        cost: Option<Costs> = absent,
        /// When checkpoints are written. Default: after every round of a flat recipe, and every 10 rounds or 30 seconds
        /// with stages.
        checkpoint: Option<Checkpoints> = absent,
        /// Clients that take part in a round. Default: all that are present.
        cohort: Option<Cohort> = absent,
        /// How a client trains.
        local: TypedLocal = absent,
        /// How updates are aggregated. Required, here or in every stage.
        aggregation: Option<Aggregation> = absent,
        /// What is pruned, and how. Default: no pruning.
        mask: Option<TypedPruning> = absent,
        /// How floats are encoded on the wire.
        wire: TypedCoding = absent,
        /// How often the model is evaluated.
        evaluate: Option<Evaluate> = absent,
        /// The stages, in order. Default: one stage, the recipe itself, of `rounds.total` rounds.
        stage: Vec<RawStage> = absent,
    }
}

written! {
    /// A published work, as in a bibliography.
    pub struct Citation {
        /// Authors in BibTeX form, joined by `and`.
        authors: String,
        /// Title of the work.
        title: String,
        /// Journal or conference. Default: arXiv, where `arxiv` is given.
        venue: Option<String> = absent,
        /// Year of publication.
        year: u16 [from(1900.0).up_to(2100.0)],
        /// arXiv number, such as 1602.05629.
        arxiv: Option<String> = absent,
        /// Digital object identifier (DOI).
        doi: Option<String> = absent,
    }
}

written! {
    /// A stage as written. Keys that a stage leaves out are inherited from the recipe; in `mask`, `local` and `wire`
    /// key by key.
    pub struct RawStage {
        /// Short name, shown with the stage's rounds; later stages may rewind to it by this name.
        name: String,
        /// Rounds per repetition.
        rounds: u32 [from(1.0).up_to(1e6)],
        /// Number of repetitions, called levels. Default: 1.
        repeat: Option<u32> [from(1.0).up_to(10_000.0)] = absent,
        /// Condition that ends the stage early. Default: none.
        until: Option<Until> = absent,
        /// Clients that take part in a round.
        cohort: Option<Cohort> = absent,
        /// How a client trains.
        local: TypedLocal = absent,
        /// How updates are aggregated.
        aggregation: Option<Aggregation> = absent,
        /// What is pruned, and how.
        mask: Option<TypedPruning> = absent,
        /// How floats are encoded on the wire.
        wire: TypedCoding = absent,
        /// How often the model is evaluated.
        evaluate: Option<Evaluate> = absent,
    }
}

settings! {
    /// Starts a session from a ticket: the mask and weights of a mask event of another session with the same model and
    /// pattern, on any data and with any optimizer (Morcos et al. 2019).
    pub struct Start {
        /// Path of the ticket file; sessions write tickets to `tickets/` in their folder.
        ticket: String,
        /// The weights to start from.
        weights: TicketWeights = TicketWeights::Ticket,
        /// The mask to start from.
        mask: TicketMask = TicketMask::Ticket,
    }
}

settings! {
    /// How a session runs.
    pub struct Rounds {
        /// Number of rounds of a flat recipe; recipes with stages take their rounds from the stages.
        total: Option<u32> [from(1.0).up_to(1e6)] = None,
        /// Share of the cohort that must contribute for a round to commit.
        quorum: f64 [above(0.0).up_to(1.0)] = 0.5,
    }
}

impl Default for Rounds {
    fn default() -> Self {
        Self { total: None, quorum: 0.5 }
    }
}

settings! {
    /// Cost of a round for a client in seconds: constant + Σ over living weights of (steps · comp of the weight's row +
    /// comm) (Jiang et al. 2022, PruneFL).
    pub struct Costs {
        /// Seconds that do not depend on the mask.
        constant: f64 [from(0.0)],
        /// Seconds to send one weight, both ways together.
        comm: f64 [from(0.0)],
        /// Seconds of computation per weight and step, one value per row, in the order of the model.
        comp: Vec<f64> [from(0.0)],
        /// Steps per round.
        steps: u32 [from(1.0).up_to(1e6)],
    }
}

settings! {
    /// When checkpoints are written: at every mask event, and in between at this interval.
    pub struct Checkpoints {
        /// Largest number of rounds between checkpoints.
        rounds: u32 [from(1.0).up_to(1e6)] = 1,
        /// Largest number of seconds between checkpoints; the earlier of `rounds` and `seconds` counts.
        seconds: Option<f64> [above(0.0).up_to(86_400.0)] = None,
    }
}

settings! {
    /// How often the model is evaluated.
    pub struct Evaluate {
        /// Rounds between evaluations, by the host on its test data and by clients on their held-out samples; the last
        /// model is always evaluated.
        every: u32 [from(1.0).up_to(1e6)] = 1,
    }
}
