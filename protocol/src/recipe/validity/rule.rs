//! Rules: what does not go together, each with its sentence.

use serde::{Deserialize, Serialize};

/// Largest row over which clients vote: their ballots have a bit a group.
pub(super) const ROW_LIMIT: usize = 65_536;

/// Most rounds of a session.
pub(super) const ROUNDS_LIMIT: u64 = 1_000_000;

/// What does not go together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Rule {
    /// A key that must be typed.
    #[error("is missing: it has no default")]
    Missing,
    /// The file is of a later form.
    #[error("the recipe is of version {version}, this program reads up to 1: it needs a newer program")]
    NewerProgram {
        /// What the file says.
        version: u32,
    },
    /// Stages and a total.
    #[error("a recipe with stages takes its rounds from them: leave rounds.total out")]
    TotalBesideStages,
    /// Longer than rounds are counted.
    #[error("all stages together have {got} rounds, at most {ROUNDS_LIMIT}")]
    TooManyRounds {
        /// Rounds of all stages and repetitions.
        got: u64,
    },
    /// A model that cannot be made.
    #[error("{problem}")]
    Model {
        /// What is wrong with it.
        problem: String,
    },
    /// Two ways of saying how long a client trains, or none.
    #[error("needs either `epochs` or `steps`, not {got}")]
    EpochsOrSteps {
        /// How many of them were given.
        got: u32,
    },
    /// Two stages of one name.
    #[error("there is another stage of the name `{name}`")]
    NameTwice {
        /// The name.
        name: String,
    },
    /// A stage whose name means something else.
    #[error("`start` means the initial weights: give the stage another name")]
    NameTaken,
    /// E1: voters see their own trained weights and nothing else.
    #[error(
        "clients vote by one criterion of their own weights, magnitude or random, not by {criterion}; let the server decide"
    )]
    VotersCannotScore {
        /// The criterion.
        criterion: String,
    },
    /// E1: voters vote on what is alive.
    #[error("clients vote on what is alive: with {decider} the dynamics must be monotone, not {dynamics}")]
    VotersCannotRegrow {
        /// The decider.
        decider: String,
        /// The dynamic.
        dynamics: String,
    },
    /// E2: voters must be told how many groups go before anybody has trained.
    #[error(
        "{scope} shares a budget out by what groups are worth, which nobody knows before clients vote: use layer_equal or layer_vector, or let the server decide"
    )]
    VotersNeedCounts {
        /// The scope.
        scope: String,
    },
    /// E3: a schedule without a target goes with a scope that finds one.
    #[error("a free schedule has no target, and {scope} needs one: use the scope cost_global")]
    FreeNeedsCosts {
        /// The scope.
        scope: String,
    },
    /// E3, the other way round.
    #[error("cost_global finds the density by itself, and {schedule} says one: use the schedule free")]
    CostsNeedFree {
        /// The schedule.
        schedule: String,
    },
    /// E3: a share said twice.
    #[error("{scope} says by itself what goes, and so does {schedule}: use the schedule level without `drop`")]
    SharesTwice {
        /// The scope.
        scope: String,
        /// The schedule.
        schedule: String,
    },
    /// E3: a share said by nobody.
    #[error("nobody says which share goes: give level a `drop`, or use the scope layer_vector or threshold")]
    SharesByNobody,
    /// E4: there is no such stage before.
    #[error("`{to}` is neither `start` nor an earlier stage{}", earlier(.stages))]
    RewindToNowhere {
        /// What was typed.
        to: String,
        /// What there is.
        stages: Vec<String>,
    },
    /// E5: masks of different patterns do not fit each other.
    #[error("all stages share one pattern and one `among`: say them once, beside the stages")]
    OnePattern,
    /// E6: drawn parts are smaller models.
    #[error("resample draws smaller models: the pattern must be unit, not {pattern}")]
    PartsAreNarrow {
        /// The pattern.
        pattern: String,
    },
    /// E6: what is drawn is not scored.
    #[error(
        "resample draws by lot and forgets: it goes with criterion random, decider server, afterwards keep and the schedule hold with a `keep`"
    )]
    PartsAreDrawn,
    /// What swaps cannot change numbers.
    #[error(
        "{dynamics} with grow = \"gradient\" or \"random\" drops as many groups as come back: it goes with the schedule hold without `keep`, and the scope layer_equal or global"
    )]
    SwapsKeepNumbers {
        /// The dynamic.
        dynamics: String,
    },
    /// E6, E14: an aggregation for whole models.
    #[error(
        "{aggregation} compares updates of one and the same model, and resample trains different parts: use by_all or by_holders"
    )]
    PartsNeedHolders {
        /// The aggregation.
        aggregation: String,
    },
    /// E6, the other way round.
    #[error(
        "{aggregation} is for clients that train different parts, and here all train the same: use mean, median or trimmed_mean"
    )]
    WholesNeedMean {
        /// The aggregation.
        aggregation: String,
    },
    /// E7: gradients that nobody brings.
    #[error("{criterion} looks at gradients: it needs evidence that brings them")]
    NoEvidence {
        /// The criterion.
        criterion: String,
    },
    /// E7: gradients that nobody looks at.
    #[error("gathers gradients that {criterion} does not look at: leave it out")]
    IdleEvidence {
        /// The criterion.
        criterion: String,
    },
    /// E7: (received − trained) / η is the sum of gradients for plain SGD only.
    #[error("reads gradients from updates, which needs SGD without momentum and weight decay, and updates as f32")]
    InexactUpdates,
    /// Dead weights of a smaller model are not there to gather gradients of.
    #[error(
        "gathers gradients of dead weights, which the pattern {pattern} takes away: use a pattern that masks weights"
    )]
    RoundsNeedMasks {
        /// The pattern.
        pattern: String,
    },
    /// Numbers of groups are reduced on the device.
    #[error(
        "a number for every group is one reduction: it needs a criterion with one gradient factor and the norm l1 or mean, \
         gradient for fold = \"abs\" or square for fold = \"square\", not {criterion}"
    )]
    GroupsNeedOneFactor {
        /// The criterion.
        criterion: String,
    },
    /// Products of every client.
    #[error("clients send |w · g|, which only saliency reads, not {criterion}")]
    ScoresNeedSaliency {
        /// The criterion.
        criterion: String,
    },
    /// E8: second derivatives, or the Fisher information.
    #[error(
        "{criterion} does not go with {evidence}: curvature reads second derivatives or squared gradients (fold = \"square\"), \
         and nothing else reads second derivatives"
    )]
    NoSecondDerivatives {
        /// The criterion.
        criterion: String,
        /// The evidence.
        evidence: String,
    },
    /// E8: an operation without a rule.
    #[error(
        "second derivatives are known for linear, conv2d, relu, max_pool, flatten and softmax answers, not for {operation}"
    )]
    NoCurvature {
        /// What the model has.
        operation: String,
    },
    /// Sums of weights and of groups do not fit each other.
    #[error("all stages gather evidence either of weights or of groups")]
    OneLedger,
    /// Clients that only look.
    #[error(
        "0 steps train nothing: they are for stages in which every round ends in a mask event with the evidence batches or curvature"
    )]
    OnlyLooks,
    /// Weights that nobody looks at.
    #[error("nobody looks at weights here, or training does not move them: leave it out")]
    IdleMoment,
    /// A product of nothing.
    #[error("a product needs a criterion at least")]
    EmptyProduct,
    /// What a score is divided by changes nothing where only scores of one row are compared.
    #[error(
        "{scope} compares scores within a row, which `scale` divides all alike: leave it out, or rank the factors of a product"
    )]
    IdleScale {
        /// The scope.
        scope: String,
    },
    /// A key that its neighbours leave without effect.
    #[error("`{option}` has no effect beside what else {kind} is told: leave it out")]
    IdleOption {
        /// The key.
        option: String,
        /// The entry.
        kind: String,
    },
    /// E9: a coefficient for every row.
    #[error("has {got} coefficients in comp, the model has {rows} rows of groups")]
    CostsOfRows {
        /// Coefficients.
        got: u32,
        /// Rows.
        rows: u32,
    },
    /// E9: no costs.
    #[error("counts what weights cost a client: the recipe needs `cost`")]
    NoCosts,
    /// E9: costs that nobody reads.
    #[error("nothing reads it: leave it out, or use the scope cost_global or a criterion with scale = \"cost\"")]
    IdleCosts,
    /// E11: a share for every row.
    #[error("has {got} shares, the model has {rows} rows of groups")]
    SharesOfRows {
        /// Shares.
        got: u32,
        /// Rows.
        rows: u32,
    },
    /// E11: drop and keep.
    #[error("needs either `drop` or `keep`, not {got}")]
    DropOrKeep {
        /// How many of them were given.
        got: u32,
    },
    /// E12: a name that nothing has.
    #[error("`{glob}` names no layer; there is: {}", .layers.join(", "))]
    NoSuchLayer {
        /// What was typed.
        glob: String,
        /// What there is.
        layers: Vec<String>,
    },
    /// E12: nothing to prune.
    #[error("admits nothing; there is: {}", .layers.join(", "))]
    NothingToPrune {
        /// The layers that the pattern could prune.
        layers: Vec<String>,
    },
    /// E13: a ballot would be too long.
    #[error("a ballot over {groups} groups of {row} is too long, at most {ROW_LIMIT}: let the server decide")]
    BallotTooLong {
        /// The row.
        row: String,
        /// Its groups.
        groups: u32,
    },
    /// A mask that never changes, in a recipe that starts from no ticket.
    #[error("no stage has mask events: give one a schedule, start from a ticket, or leave `mask` out")]
    NeverPrunes,
    /// Events that change nothing.
    #[error("{schedule} keeps as many groups as there are, and none may come back: nothing would ever change")]
    NothingMoves {
        /// The schedule.
        schedule: String,
    },
    /// E15: a round in which clients train for nothing.
    #[error(
        "the event that ends level {level} takes back what clients trained, and neither votes nor weights decide it: they would train for nothing"
    )]
    RoundForNothing {
        /// The level.
        level: u32,
    },
    /// Holders that cannot be.
    #[error("by_holders waits for {at_least} clients that hold a weight, and a round asks {asked} at most")]
    TooFewHolders {
        /// What it waits for.
        at_least: u32,
        /// Clients asked.
        asked: u32,
    },
    /// An end that cannot come.
    #[error("{until} waits for {least} mask events, and the stage has {events}")]
    UntilNeedsEvents {
        /// What ends the stage.
        until: String,
        /// Events that it waits for.
        least: u32,
        /// Events of the stage.
        events: u32,
    },
    /// An end that comes too late.
    #[error("a stage of one round cannot end early")]
    UntilNeedsRounds,
    /// A share of right answers of a topic model.
    #[error("{kind} looks at the share of right answers, which a topic model has not")]
    NeedsAnswers {
        /// The entry.
        kind: String,
    },
    /// A memory of nothing.
    #[error(
        "there is nothing to keep: the optimizer remembers nothing (SGD without momentum), or every level has one round"
    )]
    NothingToKeep,
    /// Nothing that could come back.
    #[error("nothing comes back here: it goes with the dynamics refine and prune_grow")]
    NothingRegrows,
    /// No event after which anything could be.
    #[error("there are no mask events here, after which weights could be anything else")]
    NothingAfterwards,
}

fn earlier(stages: &[String]) -> String {
    if stages.is_empty() { String::new() } else { format!("; there is: {}", stages.join(", ")) }
}
