//! Events and effects: all that can happen to a client, and all that its shell must do.

use protocol::data::shard::Shard;
use protocol::task::Task;
use protocol::wire::{Contribution, Done, Down, Refusal, Up};

use crate::failure::{Failure, Fallback};
use crate::trainer::{Assignment, Tick};
use crate::view::{Chosen, Compiling};

/// Who joins what.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Identity {
    /// The session's join code.
    pub code: String,
    /// Name to show.
    pub name: String,
    /// What trains, for the host screen.
    pub device: String,
    /// Whether it rests once people have joined.
    pub practice: bool,
    /// From an earlier visit.
    pub token: Option<[u8; 16]>,
    /// Spreads the retries of many clients.
    pub seed: u64,
    /// How fast the device is: sixteenths of a whole model, 1 to 16; 0 until it is measured.
    pub tier: u8,
}

/// All that can happen to a client.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The person joined.
    Started,
    /// The devices were tried: what trains from now on, and its tier. It begins to connect.
    Probed(Box<Chosen>, u8),
    /// Shaders are compiled while the data is on its way.
    Compiled(Compiling),
    /// The socket is open.
    Opened,
    /// The socket is closed, or could not be opened.
    Closed,
    /// A whole message arrived.
    Received(Down),
    /// The person brought data of their own, to be trained on instead of the host's.
    Brought(Shard),
    /// Bytes arrived that are no message, or too many of them.
    Garbled(Refusal),
    /// Training goes on.
    Ticked(Tick),
    /// The device gave up; the round's work starts again.
    Recovered(Fallback),
    /// The trainer has finished, or says why it cannot.
    Worked(Result<Contribution, Failure>),
    /// The retry timer of this attempt is due.
    Woke {
        /// Which attempt.
        attempt: u32,
    },
    /// The page is visible or the network is back: try at once.
    Nudged,
    /// The person leaves.
    Left,
}

/// What the shell must do, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Open a socket.
    Connect,
    /// Send a message.
    Send(Up),
    /// Close the socket, for good.
    Close,
    /// Drop the socket: another one follows.
    Hang,
    /// Give this attempt back as [`Event::Woke`] after so long.
    Wake {
        /// Which attempt.
        attempt: u32,
        /// How long.
        millis: u32,
    },
    /// Compile what this task needs: its data is on the way.
    Foresee(Box<Task>),
    /// Make a trainer for this task and data.
    Prepare(Box<Task>, Shard),
    /// Train; one at a time.
    Work(Box<Assignment>),
    /// It is over, well or not.
    Finish(Result<Done, Failure>),
}
