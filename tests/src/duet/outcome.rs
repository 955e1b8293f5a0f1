//! What a duet came to, round by round.

use std::collections::BTreeMap;
use std::sync::Arc;

use coordinator::session::State;
use protocol::wire::Contribution;

/// A committed round with all that counted in it, to be replayed in another order.
#[derive(Debug)]
pub struct Committed {
    /// The state it started from.
    pub before: Arc<State>,
    /// The state it ended in.
    pub after: Arc<State>,
    /// What counted, by client.
    pub counted: Vec<(u32, Contribution)>,
}

/// What a run came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Committed rounds.
    pub rounds: Vec<Committed>,
    /// Attempts opened.
    pub n_attempts: u32,
    /// Attempts still open after their deadline: must stay empty.
    pub overdue: Vec<u32>,
    /// Refusals by kind.
    pub refusals: BTreeMap<&'static str, u64>,
    /// Whether the session ended by itself.
    pub is_done: bool,
}
