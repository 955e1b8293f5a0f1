//! Refusals: every reason for which something sent does not count, as people should read it.

use serde::{Deserialize, Serialize};

use crate::tally::Ballots;

/// A verdict on what a client sent. Nothing changes by what is refused; the client is told, the host sees the count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error, Serialize, Deserialize)]
pub enum Refusal {
    /// Client and coordinator speak different versions.
    #[error("this page speaks version {client} and the coordinator {server}: reload the page")]
    WrongVersion {
        /// The client's.
        client: u16,
        /// The coordinator's.
        server: u16,
    },
    /// No session of this code.
    #[error("there is no session with this code: check it, or ask the host for a new link")]
    UnknownSession,
    /// As many clients as the host allows.
    #[error("the session is full ({max} clients)")]
    Full {
        /// The host's limit.
        max: u32,
    },
    /// The session has ended.
    #[error("the session is over")]
    Over,
    /// Bytes that are no message.
    #[error("the message is malformed")]
    Malformed,
    /// A message longer than anything the plan asks for.
    #[error("the message claims {claimed} bytes, at most {allowed} are expected")]
    TooLarge {
        /// What its header says.
        claimed: u64,
        /// The most that fits.
        allowed: u64,
    },
    /// A message out of turn (e.g. before the hello).
    #[error("unexpected message")]
    OutOfTurn,
    /// Another round is open.
    #[error("this is for round {got}, round {open} is open: it came too late or too early")]
    Stale {
        /// What the contribution names.
        got: u32,
        /// What is open.
        open: u32,
    },
    /// The client was not asked in this round.
    #[error("this client is not in the cohort of this round")]
    NotInCohort,
    /// Already counted.
    #[error("this client has already been counted in this round")]
    Duplicate,
    /// An update, a vote or samples are there though not asked for, or missing though asked for.
    #[error("the {part} must be {wanted}")]
    Presence {
        /// Which part.
        part: Part,
        /// Whether it must be there.
        wanted: Wanted,
    },
    /// Wrong number of weights.
    #[error("the update has {got} values, {expected} weights are alive")]
    WrongLength {
        /// Values sent.
        got: u64,
        /// Alive weights.
        expected: u64,
    },
    /// Wrong number of gathered gradients.
    #[error("the evidence has {got} bytes, {expected} are due")]
    WrongEvidenceLength {
        /// Bytes sent.
        got: u64,
        /// Four for each number that is asked for.
        expected: u64,
    },
    /// NaN, infinity, or a value no honest training makes.
    #[error("value {at} of the {part} is not finite or beyond ±{limit}")]
    BadValue {
        /// Which part.
        part: Part,
        /// Its position.
        at: u64,
        /// Largest magnitude accepted.
        limit: u32,
    },
    /// Sample counts that cannot be.
    #[error("{n} samples are not credible: between 1 and {max}")]
    BadSamples {
        /// What was claimed.
        n: u32,
        /// The most accepted.
        max: u32,
    },
    /// Ballot bytes of the wrong length, or bits past the end.
    #[error("the ballot must be {expected} bytes with no bit past the last group")]
    WrongBallotLength {
        /// ⌈units/8⌉; of an order what [`crate::order::n_bits`] takes.
        expected: u32,
    },
    /// Not exactly the quota.
    #[error("the ballot marks {got} groups of row {space}, exactly {quota} must go")]
    WrongBallotSize {
        /// Which space.
        space: u32,
        /// Units marked.
        got: u32,
        /// Units to mark.
        quota: u32,
    },
    /// About another mask than the plan's.
    #[error("this is about another mask than the plan's: the tab may have missed a change, reload the page")]
    WrongMask,
    /// A vote against a unit that is already dead.
    #[error("the ballot marks group {unit}, which is already pruned")]
    DeadUnit {
        /// The unit.
        unit: u32,
    },
    /// An order where it was asked which groups go, or the other way round.
    #[error("the ballot must say {}", what(*wanted))]
    OtherBallot {
        /// What was asked for.
        wanted: Ballots,
    },
    /// A number that no order has.
    #[error("the ballot puts more groups of its row before group {unit} than come after it")]
    NoOrder {
        /// The unit.
        unit: u32,
    },
    /// The same client joined again from elsewhere.
    #[error("this client has joined again from another tab or device: close one of them")]
    TakenOver,
}

/// What a ballot says, for a sentence.
fn what(ballots: Ballots) -> &'static str {
    match ballots {
        Ballots::Drop => "which groups go",
        Ballots::Order => "in which order groups go",
    }
}

/// A part of a contribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Part {
    /// Trained minus received weights.
    Update,
    /// The ballot.
    Vote,
    /// Gathered gradients.
    Evidence,
    /// Losses and counts.
    Metrics,
}

/// Whether a part must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Wanted {
    /// The plan asked for it.
    Present,
    /// The plan did not.
    Absent,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Update => "update",
            Self::Vote => "vote",
            Self::Evidence => "evidence",
            Self::Metrics => "metrics",
        })
    }
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Present => "present",
            Self::Absent => "absent",
        })
    }
}

impl Refusal {
    /// Whether the connection ends with it: after these nothing that follows could be understood.
    pub fn is_fatal(&self) -> bool {
        match self {
            Self::WrongVersion { .. }
            | Self::UnknownSession
            | Self::Full { .. }
            | Self::Over
            | Self::Malformed
            | Self::TooLarge { .. }
            | Self::OutOfTurn
            | Self::TakenOver => true,
            Self::Stale { .. }
            | Self::NotInCohort
            | Self::Duplicate
            | Self::Presence { .. }
            | Self::WrongLength { .. }
            | Self::WrongEvidenceLength { .. }
            | Self::BadValue { .. }
            | Self::BadSamples { .. }
            | Self::WrongBallotLength { .. }
            | Self::WrongBallotSize { .. }
            | Self::WrongMask
            | Self::DeadUnit { .. }
            | Self::OtherBallot { .. }
            | Self::NoOrder { .. } => false,
        }
    }

    /// A short name to count by.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::WrongVersion { .. } => "wrong version",
            Self::UnknownSession => "unknown session",
            Self::Full { .. } => "full",
            Self::Over => "over",
            Self::Malformed => "malformed",
            Self::TooLarge { .. } => "too large",
            Self::OutOfTurn => "out of turn",
            Self::Stale { .. } => "stale",
            Self::NotInCohort => "not in cohort",
            Self::Duplicate => "duplicate",
            Self::Presence { .. } => "wrong parts",
            Self::WrongLength { .. } => "wrong length",
            Self::WrongEvidenceLength { .. } => "wrong evidence length",
            Self::BadValue { .. } => "bad value",
            Self::BadSamples { .. } => "bad samples",
            Self::WrongBallotLength { .. } => "wrong ballot length",
            Self::WrongBallotSize { .. } => "wrong ballot size",
            Self::WrongMask => "wrong mask",
            Self::DeadUnit { .. } => "dead unit",
            Self::OtherBallot { .. } => "other ballot",
            Self::NoOrder { .. } => "no order",
            Self::TakenOver => "taken over",
        }
    }
}
