//! The wire: every message of both directions, its bytes, and how bytes are cut into frames.
//!
//! A message is one [postcard](https://postcard.jamesmunns.com/wire-format) value; [`frames`] cuts it into chunks that a
//! WebSocket carries without either side holding it twice. Per round a client gets one [`Plan`] and sends one
//! [`Contribution`].

pub mod fixed;
pub mod frames;
pub mod masks;
pub mod refusal;

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::data::shard::Shard;
use crate::local::Work;
use crate::mask::PackedMask;
use crate::task::Task;
pub use masks::{MaskBits, MaskOn};
pub use refusal::Refusal;

/// Raised whenever the bytes of a message change; a stale page is told to reload.
pub const VERSION: u16 = 5;

/// From a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Up {
    /// First message of a connection.
    Hello(Hello),
    /// The one message of a round.
    Contribution(Contribution),
    /// The person left on purpose: do not wait for this client.
    Leave,
}

/// From the coordinator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Down {
    /// Once per connection.
    Welcome(Box<Welcome>),
    /// The client's data, when the host owns it; before the first plan.
    Shard(Shard),
    /// The one message of a round.
    Plan(Plan),
    /// Nothing to do for now, and why.
    Standby(Standby),
    /// What was sent does not count, and why.
    Refused(Refusal),
    /// The session is over.
    Done(Done),
}

/// Who wants to join what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// [`VERSION`] of the client.
    pub version: u16,
    /// The session's join code.
    pub code: String,
    /// From an earlier [`Welcome`]: the same client again.
    pub token: Option<[u8; 16]>,
    /// Name to show on the host screen; the coordinator cleans and shortens it.
    pub name: String,
    /// The device that trains, e.g. `cpu (wasm simd)`, for the host screen.
    pub device: String,
    /// A practice client: steps aside once people have joined.
    pub practice: bool,
    /// Digest of the shard already at hand, so that it is not sent twice; 0 for none.
    pub shard_digest: u64,
    /// Identity of the mask already at hand, so that its bits are not sent twice; 0 for none.
    pub mask: u64,
    /// How fast the device is, as its probe measured: sixteenths of a whole model, 1 to 16.
    pub tier: u8,
}

/// What a client must know for the whole session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Welcome {
    /// Number of this client.
    pub client: u32,
    /// Proves on the next connection that it is the same client.
    pub token: [u8; 16],
    /// What to know of the recipe.
    pub task: Task,
    /// What data there is, as JSON: a kind and its figures, which whoever shows them puts into words.
    pub data: String,
    /// Rounds until done; the host may have asked for another number than the recipe.
    pub rounds: u32,
    /// Bytes of the [`Down::Shard`] message that follows, 0 when there is none.
    pub shard_bytes: u64,
}

/// All that a client needs to work on one round. What cannot be known before a session (seeds, step sizes) has a fixed width,
/// so that the length of a plan can.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Number of the round, from 0.
    pub round: u32,
    /// The recipe's stage, whose optimizer, batch and coding hold.
    pub stage: u16,
    /// Its repetition: an optimizer's memory ends with it.
    pub level: u32,
    /// For everything random in it.
    #[serde(with = "fixed")]
    pub seed: u64,
    /// Step size of this round.
    pub learning_rate: f32,
    /// How much to train.
    pub work: Work,
    /// Which groups are alive for this client.
    pub mask: MaskOn,
    /// What to start from.
    pub weights: Weights,
    /// How many groups of each row to vote out, or how many of an order would go by it alone; `None` when no vote is asked
    /// for.
    pub vote: Option<Vec<u32>>,
    /// Whether the trained-minus-received weights are asked for.
    pub wants_update: bool,
    /// What evidence to gather, as the stage says how; `None` for none.
    pub evidence: Option<Ask>,
    /// Whether to measure what came and what was trained on what is held out.
    pub evaluates: bool,
}

/// Evidence that a plan asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The round since which it adds up. What a client has gathered since another one is of no use.
    #[serde(with = "fixed")]
    pub since: u32,
    /// Whether it is to be sent with this round's contribution.
    pub sends: bool,
}

/// The weights of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Weights {
    /// w0 from this seed, restricted to the mask: 8 bytes for any model.
    Seed(#[serde(with = "fixed")] u64),
    /// The alive weights in order, as the stage codes them.
    Values(Packed),
}

/// Floats as some [`crate::codecs::Codec`] packed them. Clones share the bytes, which may be as many as all else together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Packed(Arc<Vec<u8>>);

impl Packed {
    /// Of bytes that a codec gave.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Arc::new(bytes))
    }

    /// What the codec gave.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Serialize for Packed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Packed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_bytes::deserialize(deserializer).map(Self::new)
    }
}

/// All that a client gives back for one round. What cannot be known before a session (counts, losses, times) has a fixed
/// width.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    /// The plan's round.
    pub round: u32,
    /// Identity of the mask that update and vote are about.
    #[serde(with = "fixed")]
    pub mask: u64,
    /// Samples processed in local training; of a client that only looks, those that it looked at.
    #[serde(with = "fixed")]
    pub n_samples: u32,
    /// Mean training loss of the last pass.
    pub loss: f32,
    /// How the received model does on this client's held-out part; over no samples when the plan does not ask.
    pub received: Evaluation,
    /// How the locally trained model does there.
    pub trained: Evaluation,
    /// Microseconds of local training.
    #[serde(with = "fixed")]
    pub train_micros: u32,
    /// Trained minus received, alive weights in order, as the stage codes them; exactly when the plan wants it.
    pub update: Option<Packed>,
    /// The ballot; exactly when the plan asks for a vote.
    pub vote: Option<Vote>,
    /// What it gathered of what [`crate::covered::Covered`] says, in that order, as 32-bit floats; exactly when the plan has it
    /// sent.
    pub evidence: Option<Packed>,
}

impl Contribution {
    /// The same without what may be as large as a model: its update, its vote and its evidence.
    pub fn clone_head(&self) -> Self {
        let Self { round, mask, n_samples, loss, received, trained, train_micros, update: _, vote: _, evidence: _ } =
            *self;
        let (update, vote, evidence) = (None, None, None);
        Self { round, mask, n_samples, loss, received, trained, train_micros, update, vote, evidence }
    }
}

/// What a voter says of the groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Vote {
    /// A set bit says drop.
    Drop(PackedMask),
    /// In which order the groups of every row go, as [`crate::order`] writes it.
    Order(PackedMask),
}

/// How a model does on some samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Samples.
    #[serde(with = "fixed")]
    pub n: u32,
    /// Classified right; exactly when the model has classes.
    #[serde(with = "fixed::option")]
    pub correct: Option<u32>,
    /// Mean loss per sample.
    pub loss: f32,
}

impl Evaluation {
    /// Share of right answers, when there are any answers that can be right.
    pub fn accuracy(&self) -> Option<f64> {
        self.correct.filter(|_| self.n > 0).map(|it| f64::from(it) / f64::from(self.n))
    }
}

/// Why there is nothing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standby {
    /// Not enough clients yet.
    Lobby {
        /// How many are here.
        joined: u32,
        /// How many it takes.
        needed: u32,
    },
    /// A round is under way without this client; the next one includes it.
    NextRound,
    /// The host paused.
    Paused,
    /// People have joined; practice clients rest.
    SteppedAside,
    /// One client is asked for all rounds, the centre, and it is another one.
    Watching,
}

/// How the session ended.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Done {
    /// Rounds committed.
    pub rounds: u32,
    /// Accuracy of the final model, when known; never for a model without classes.
    pub accuracy: Option<f32>,
    /// Share of groups alive at the end.
    pub density: f32,
}

/// Bytes of a plan on a WebSocket, frames included.
pub fn plan_len(plan: &Plan) -> u64 {
    // One byte says which message it is.
    frames::wire_len(1 + encoded_len(plan), frames::Sender::Coordinator)
}

/// Bytes of a contribution on a WebSocket, frames included.
pub fn contribution_len(contribution: &Contribution) -> u64 {
    frames::wire_len(1 + encoded_len(contribution), frames::Sender::Client)
}

/// The bytes of a message.
pub fn encode<M: Serialize>(message: &M) -> Vec<u8> {
    // Asked for at once: a vector that grows takes up to three times as much while it moves, and models are large.
    let bytes = Vec::with_capacity(encoded_len(message));
    postcard::to_extend(message, bytes).expect(WRITABLE)
}

/// How many bytes a message takes, without making them.
pub fn encoded_len<M: Serialize>(message: &M) -> usize {
    postcard::serialize_with_flavor(message, postcard::ser_flavors::Size::default()).expect(WRITABLE)
}

const WRITABLE: &str = "messages hold nothing that postcard cannot write";

/// The message of these bytes, all of them.
///
/// # Errors
/// [`Refusal::Malformed`] when bytes are missing, left over, or mean nothing.
pub fn decode<'a, M: Deserialize<'a>>(bytes: &'a [u8]) -> Result<M, Refusal> {
    match postcard::take_from_bytes(bytes) {
        Ok((message, [])) => Ok(message),
        Ok(_) | Err(_) => Err(Refusal::Malformed),
    }
}
