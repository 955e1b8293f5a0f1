//! Rules: which choices are incompatible, with a sentence each.

use serde::{Deserialize, Serialize};

/// Largest row over which clients can vote: ballots have one bit per group.
pub(super) const ROW_LIMIT: usize = 65_536;

/// Largest number of rounds of a session.
pub(super) const ROUNDS_LIMIT: u64 = 1_000_000;

/// A broken rule: choices that are incompatible.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Rule {
    /// A required key is missing.
    #[error("is missing: this key has no default")]
    Missing,
    /// The file has a newer format version.
    #[error("the recipe has version {version}, but this program reads versions up to 1: update the program")]
    NewerProgram {
        /// Version of the file.
        version: u32,
    },
    /// Both stages and a total number of rounds.
    #[error("a recipe with stages takes its rounds from them: leave rounds.total out")]
    TotalBesideStages,
    /// More rounds than the limit.
    #[error("all stages together have {got} rounds; the limit is {ROUNDS_LIMIT}")]
    TooManyRounds {
        /// Rounds of all stages and repetitions.
        got: u64,
    },
    /// The model is invalid.
    #[error("{problem}")]
    Model {
        /// What is wrong with the model.
        problem: String,
    },
    /// Both or neither of the keys for the length of training.
    #[error("needs either `epochs` or `steps`, not {got}")]
    EpochsOrSteps {
        /// How many of the two keys were set.
        got: u32,
    },
    /// Two stages have the same name.
    #[error("another stage has the name `{name}` too: names must differ")]
    NameTwice {
        /// The repeated name.
        name: String,
    },
    /// The name of the stage has another meaning.
    #[error("`start` means the initial weights: give the stage another name")]
    NameTaken,
    /// E1: voters know only their own trained weights.
    #[error(
        "clients can only vote by magnitude or random, not by {criterion}: choose one of these, or the decider server"
    )]
    VotersCannotScore {
        /// Name of the criterion.
        criterion: String,
    },
    /// E1: voters vote on living groups only.
    #[error("clients vote on living groups only: with {decider} the dynamics must be monotone, not {dynamics}")]
    VotersCannotRegrow {
        /// Name of the decider.
        decider: String,
        /// Name of the dynamic.
        dynamics: String,
    },
    /// E2: voters must know how many groups go before anyone has trained.
    #[error(
        "{scope} divides the budget by scores, which are unknown before clients vote: use the scope layer_equal or \
         layer_vector, or the decider server"
    )]
    VotersNeedCounts {
        /// Name of the scope.
        scope: String,
    },
    /// E3: a schedule without a target needs a scope that finds the density.
    #[error("the schedule free has no target density, but {scope} needs one: use the scope cost_global")]
    FreeNeedsCosts {
        /// Name of the scope.
        scope: String,
    },
    /// E3, the other way round.
    #[error("cost_global finds the density by itself, but {schedule} sets one: use the schedule free")]
    CostsNeedFree {
        /// Name of the schedule.
        schedule: String,
    },
    /// E3: the share is set twice.
    #[error("both {scope} and {schedule} set the share to drop: use the schedule level without `drop`")]
    SharesTwice {
        /// Name of the scope.
        scope: String,
        /// Name of the schedule.
        schedule: String,
    },
    /// E3: the share is not set.
    #[error("the share to drop is not set: give level a `drop`, or use the scope layer_vector or threshold")]
    SharesByNobody,
    /// E4: no earlier stage has this name.
    #[error("`{to}` is neither `start` nor an earlier stage{}", earlier(.stages))]
    RewindToNowhere {
        /// The name that was given.
        to: String,
        /// Names of the earlier stages.
        stages: Vec<String>,
    },
    /// E5: masks of different patterns are incompatible.
    #[error("all stages share one pattern and one `among`: set them once, in the recipe's [mask]")]
    OnePattern,
    /// E6: drawn parts are smaller models.
    #[error("resample draws smaller models: the pattern must be unit, not {pattern}")]
    PartsAreNarrow {
        /// Name of the pattern.
        pattern: String,
    },
    /// E6: drawn parts are not scored.
    #[error(
        "resample draws new random parts every round: it needs criterion random, decider server, afterwards keep and \
         the schedule hold with a `keep`"
    )]
    PartsAreDrawn,
    /// A dynamic that swaps groups cannot change their number.
    #[error(
        "{dynamics} with grow = \"gradient\" or \"random\" drops as many groups as come back: it needs the schedule \
         hold without `keep`, and the scope layer_equal or global"
    )]
    SwapsKeepNumbers {
        /// Name of the dynamic.
        dynamics: String,
    },
    /// E6, E14: the aggregation is for whole models.
    #[error(
        "{aggregation} needs updates of the same model, but resample trains different parts: use by_all or by_holders"
    )]
    PartsNeedHolders {
        /// Name of the aggregation.
        aggregation: String,
    },
    /// E6, the other way round.
    #[error(
        "{aggregation} is for clients that train different parts, but here all train the same model: use mean, median \
         or trimmed_mean"
    )]
    WholesNeedMean {
        /// Name of the aggregation.
        aggregation: String,
    },
    /// E7: the criterion needs gradients, but there is no evidence.
    #[error("{criterion} uses gradients: choose an evidence other than none")]
    NoEvidence {
        /// Name of the criterion.
        criterion: String,
    },
    /// E7: gradients are gathered, but the criterion does not use them.
    #[error("gathers gradients that {criterion} does not use: leave the evidence out")]
    IdleEvidence {
        /// Name of the criterion.
        criterion: String,
    },
    /// E7: (received − trained) / η is the sum of gradients for plain SGD only.
    #[error("reads gradients from updates, which needs SGD without momentum and weight decay, and updates as f32")]
    InexactUpdates,
    /// Dead weights of a smaller model do not exist on the device, so they have no gradients.
    #[error(
        "gathers gradients of dead weights, which the pattern {pattern} removes from the model: use a pattern that \
         masks weights"
    )]
    RoundsNeedMasks {
        /// Name of the pattern.
        pattern: String,
    },
    /// Numbers per group are reduced on the device.
    #[error(
        "a number for every group is one reduction: it needs a criterion with one gradient factor and the norm l1 or mean, \
         gradient for fold = \"abs\" or square for fold = \"square\", not {criterion}"
    )]
    GroupsNeedOneFactor {
        /// Name of the criterion.
        criterion: String,
    },
    /// Only one criterion reads products of weights and gradients.
    #[error("clients send |w · g|, which only saliency reads, not {criterion}")]
    ScoresNeedSaliency {
        /// Name of the criterion.
        criterion: String,
    },
    /// E8: curvature needs second derivatives or the Fisher information.
    #[error(
        "{criterion} does not go with {evidence}: curvature reads second derivatives or squared gradients (fold = \"square\"), \
         and nothing else reads second derivatives"
    )]
    NoSecondDerivatives {
        /// Name of the criterion.
        criterion: String,
        /// Name of the evidence.
        evidence: String,
    },
    /// E8: an operation has no rule for second derivatives.
    #[error(
        "second derivatives are known for linear, conv2d, relu, max_pool, flatten and softmax answers, not for {operation}"
    )]
    NoCurvature {
        /// Name of the model's operation.
        operation: String,
    },
    /// Sums over weights and over groups cannot be combined.
    #[error("all stages gather evidence either of weights or of groups")]
    OneLedger,
    /// Clients that only evaluate gradients.
    #[error(
        "0 steps train nothing: use them only in stages where every round ends in a mask event with the evidence \
         batches or curvature"
    )]
    OnlyLooks,
    /// The moment of the weights has no effect.
    #[error("no weights are used here, or training does not change them: leave this key out")]
    IdleMoment,
    /// A product without criteria.
    #[error("a product needs at least one criterion")]
    EmptyProduct,
    /// A divisor of scores has no effect where only scores of one row are compared.
    #[error(
        "{scope} compares scores within a row, and `scale` divides all of them equally: leave `scale` out, or rank the \
         factors of a product"
    )]
    IdleScale {
        /// Name of the scope.
        scope: String,
    },
    /// A key that has no effect because of other keys.
    #[error("`{option}` has no effect with the other keys of {kind}: leave it out")]
    IdleOption {
        /// Name of the key.
        option: String,
        /// Name of the entry.
        kind: String,
    },
    /// E9: a coefficient is needed for every row.
    #[error("has {got} coefficients in comp, but the model has {rows} rows of groups")]
    CostsOfRows {
        /// Number of coefficients.
        got: u32,
        /// Number of rows.
        rows: u32,
    },
    /// E9: costs are needed but not given.
    #[error("is needed, because the scope or the criterion counts the cost of weights")]
    NoCosts,
    /// E9: costs are given but not used.
    #[error("is not used: leave it out, or use the scope cost_global or a criterion with scale = \"cost\"")]
    IdleCosts,
    /// E11: a share is needed for every row.
    #[error("has {got} shares, but the model has {rows} rows of groups")]
    SharesOfRows {
        /// Number of shares.
        got: u32,
        /// Number of rows.
        rows: u32,
    },
    /// E11: both or neither of `drop` and `keep`.
    #[error("needs either `drop` or `keep`, not {got}")]
    DropOrKeep {
        /// How many of the two keys were set.
        got: u32,
    },
    /// E12: a name matches no layer.
    #[error("`{glob}` matches no layer; the layers are: {}", .layers.join(", "))]
    NoSuchLayer {
        /// The pattern that was given.
        glob: String,
        /// Names of the layers.
        layers: Vec<String>,
    },
    /// E12: nothing is left to prune.
    #[error("leaves nothing to prune; the layers are: {}", .layers.join(", "))]
    NothingToPrune {
        /// Layers that the pattern could prune.
        layers: Vec<String>,
    },
    /// E13: a ballot would be too long.
    #[error("a ballot over {groups} groups of {row} is too long; the limit is {ROW_LIMIT}: use the decider server")]
    BallotTooLong {
        /// Name of the row.
        row: String,
        /// Number of groups of the row.
        groups: u32,
    },
    /// A mask that never changes, in a recipe that does not start from a ticket.
    #[error("no stage has mask events: give one a schedule, start from a ticket, or leave `mask` out")]
    NeverPrunes,
    /// Mask events that change nothing.
    #[error(
        "{schedule} drops no group, and no group may come back, so the mask would never change: choose a lower \
         density"
    )]
    NothingMoves {
        /// Name of the schedule.
        schedule: String,
    },
    /// E15: the training of a round is discarded.
    #[error(
        "the mask event after level {level} discards what clients trained, and uses neither votes nor trained weights: \
         clients would train for nothing"
    )]
    RoundForNothing {
        /// Number of the level.
        level: u32,
    },
    /// The aggregation waits for more holders than there can be.
    #[error("by_holders needs {at_least} clients that hold a weight, but a round asks at most {asked}")]
    TooFewHolders {
        /// Number of holders that the aggregation waits for.
        at_least: u32,
        /// Number of clients in a round.
        asked: u32,
    },
    /// The condition can never be met.
    #[error("{until} needs {least} mask events, but the stage has {events}")]
    UntilNeedsEvents {
        /// Name of the condition that ends the stage.
        until: String,
        /// Number of mask events that the condition needs.
        least: u32,
        /// Number of mask events in the stage.
        events: u32,
    },
    /// The condition could only be met after the stage's only round.
    #[error("a stage of one round cannot end early")]
    UntilNeedsRounds,
    /// Accuracy of a topic model is undefined.
    #[error("{kind} needs accuracy, which a topic model does not have")]
    NeedsAnswers {
        /// Name of the entry.
        kind: String,
    },
    /// The optimizer has no memory to keep.
    #[error(
        "there is nothing to keep: the optimizer remembers nothing (SGD without momentum), or every level has one round"
    )]
    NothingToKeep,
    /// No group can come back.
    #[error("no group comes back in this stage: use this key with the dynamics refine or prune_grow")]
    NothingRegrows,
    /// There is no mask event to continue from.
    #[error("has no effect, because the stage has no mask events: leave it out")]
    NothingAfterwards,
}

fn earlier(stages: &[String]) -> String {
    if stages.is_empty() { String::new() } else { format!("; there is: {}", stages.join(", ")) }
}
