//! Typed: a recipe as it is written.

use crate::choices::{TicketMask, TicketWeights};
use crate::local::{TypedCoding, TypedLocal};
use crate::models::RawModel;
use crate::rules::TypedPruning;
use crate::settings;
use crate::settings::written;
use crate::training::aggregations::Aggregation;
use crate::training::cohorts::Cohort;
use crate::training::untils::Until;

/// The newest form of recipe files that this program reads.
pub const VERSION: u32 = 1;

written! {
    /// A recipe as it is written.
    pub struct RawRecipe {
        /// Short name, shown wherever the session is.
        name: String,
        /// One sentence: what it does and where it comes from.
        about: String,
        /// Form of the file. One that is higher than what this program reads, 1, needs a newer program.
        version: Option<u32> [from(1.0)] = absent,
        /// The works that it comes from; `pleach recipes NAME --cite` prints them.
        cite: Vec<Citation> = absent,
        /// What is trained.
        model: RawModel,
        /// How long a flat recipe runs, and how many answers a round needs.
        rounds: Rounds = absent,
        /// What a session starts from. Default: w0 of its seed, everyone alive.
        start: Option<Start> = absent,
        /// What a round costs a client, where a scope or a criterion counts that.
        cost: Option<Costs> = absent,
        /// When a session is made durable. Default: after every round of a flat recipe, and every 10 rounds or 30
        /// seconds with stages.
        checkpoint: Option<Checkpoints> = absent,
        /// Who is asked in a round. Default: everyone present.
        cohort: Option<Cohort> = absent,
        /// How a client trains.
        local: TypedLocal = absent,
        /// How updates become one. Must be typed, here or in every stage.
        aggregation: Option<Aggregation> = absent,
        /// What is pruned and how. Default: nothing is.
        mask: Option<TypedPruning> = absent,
        /// How floats are coded on their way.
        wire: TypedCoding = absent,
        /// How often the model is measured.
        evaluate: Option<Evaluate> = absent,
        /// The stages, one after another. Default: the recipe itself is the only one, of `rounds.total` rounds.
        stage: Vec<RawStage> = absent,
    }
}

written! {
    /// A published work, as a bibliography has it.
    pub struct Citation {
        /// Its authors as BibTeX takes them, `and` between any two.
        authors: String,
        /// Its title.
        title: String,
        /// Where it appeared. Default: where `arxiv` says.
        venue: Option<String> = absent,
        /// The year in which it appeared.
        year: u16 [from(1900.0).up_to(2100.0)],
        /// Its number at arXiv, such as 1602.05629.
        arxiv: Option<String> = absent,
        /// Its digital object identifier.
        doi: Option<String> = absent,
    }
}

written! {
    /// A stage as it is written: what it does not say, the recipe says. In `mask`, `local` and `wire` that holds key by key.
    pub struct RawStage {
        /// Short name, shown with its rounds; later stages may rewind to it.
        name: String,
        /// Rounds of one repetition.
        rounds: u32 [from(1.0).up_to(1e6)],
        /// Repetitions, called levels. Default: one.
        repeat: Option<u32> [from(1.0).up_to(10_000.0)] = absent,
        /// What ends it early. Default: nothing does.
        until: Option<Until> = absent,
        /// Who is asked in a round.
        cohort: Option<Cohort> = absent,
        /// How a client trains.
        local: TypedLocal = absent,
        /// How updates become one.
        aggregation: Option<Aggregation> = absent,
        /// What is pruned and how.
        mask: Option<TypedPruning> = absent,
        /// How floats are coded on their way.
        wire: TypedCoding = absent,
        /// How often the model is measured.
        evaluate: Option<Evaluate> = absent,
    }
}

settings! {
    /// What a session starts from: the mask and the weights of a mask event of another one, on whatever data and with whatever
    /// optimizer (Morcos et al. 2019), of the same model and pattern.
    pub struct Start {
        /// The file, as sessions leave them in `tickets/` of their folder.
        ticket: String,
        /// Which weights are taken.
        weights: TicketWeights = TicketWeights::Ticket,
        /// Which mask is taken.
        mask: TicketMask = TicketMask::Ticket,
    }
}

settings! {
    /// How a session runs.
    pub struct Rounds {
        /// Rounds until a flat recipe is done; stages say so themselves.
        total: Option<u32> [from(1.0).up_to(1e6)] = None,
        /// Share of the cohort whose contributions a round needs to commit.
        quorum: f64 [above(0.0).up_to(1.0)] = 0.5,
    }
}

impl Default for Rounds {
    fn default() -> Self {
        Self { total: None, quorum: 0.5 }
    }
}

settings! {
    /// What a round costs a client in seconds: constant + Σ over alive weights of (steps · comp of their row + comm) (Jiang et
    /// al. 2022, PruneFL).
    pub struct Costs {
        /// Seconds that do not depend on the mask.
        constant: f64 [from(0.0)],
        /// Seconds that one weight takes on its way, both ways.
        comm: f64 [from(0.0)],
        /// Seconds that one weight takes in one step, row by row in the order of the model.
        comp: Vec<f64> [from(0.0)],
        /// Steps of a round.
        steps: u32 [from(1.0).up_to(1e6)],
    }
}

settings! {
    /// When a session is made durable: at every mask event, and beside that as often as this says.
    pub struct Checkpoints {
        /// After so many rounds at most.
        rounds: u32 [from(1.0).up_to(1e6)] = 1,
        /// After so many seconds at most; this or `rounds`, whichever comes first.
        seconds: Option<f64> [above(0.0).up_to(86_400.0)] = None,
    }
}

settings! {
    /// How often the model is measured.
    pub struct Evaluate {
        /// Every so many rounds, by the host on its test data and by clients on what they hold out; the last model always.
        every: u32 [from(1.0).up_to(1e6)] = 1,
    }
}
