//! A client's socket: hello, then whatever its outbox holds, while what it says goes to its room.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use protocol::wire::frames::{Assembler, Sender, framed_len};
use protocol::wire::{self, Down, Hello, Refusal, Up, VERSION};
use tokio::time::{MissedTickBehavior, interval_at, sleep, timeout};

use super::farewell::Farewell;
use super::{App, closed};
use crate::host::Handle;
use crate::outbox::{Frames, Outbox, Outgoing, framed};
use crate::room::{Said, Seat};
use crate::traffic::Traffic;

/// How long a client may take to say hello.
const HELLO_LIMIT: Duration = Duration::from_secs(10);

/// Longest hello.
const HELLO_BYTES: usize = 4096;

/// A connection that has been silent for so long is dead; pings make live ones speak.
pub(super) const SILENCE: Duration = Duration::from_secs(25);

/// Time between pings.
pub(super) const PING: Duration = Duration::from_secs(10);

/// How long the other side has to take its leave.
const GOODBYE: Duration = Duration::from_secs(1);

pub(super) type Sink = SplitSink<WebSocket, Message>;
pub(super) type Stream = SplitStream<WebSocket>;

/// Why no message came.
enum Missing {
    /// The connection is gone.
    Gone,
    /// Nothing came in time.
    Silent,
    /// What came is no message.
    Refused(Refusal),
}

/// Serves a client's socket from its first byte to its last.
pub(super) async fn attend(socket: WebSocket, app: App, code: &str, traffic: Arc<Traffic>) {
    let (mut sink, mut stream) = socket.split();
    let room = app.coordinator.session(code);
    let greeted = tokio::select! {
        it = greet(&mut stream, room.as_ref(), traffic.clone()) => it,
        () = closed(app.closing.clone()) => return depart(sink, stream, Farewell::Restarting).await,
    };
    let farewell = match (greeted, room) {
        (Ok(seat), Some(room)) => tokio::select! {
            it = listen(&mut stream, &room, &seat) => it,
            it = speak(&mut sink, &seat.outbox, &traffic) => {
                room.say(seat.seated, Said::Lost).await;
                it
            }
            () = closed(app.closing.clone()) => {
                room.say(seat.seated, Said::Lost).await;
                Farewell::Restarting
            }
        },
        (Err(Missing::Refused(refusal)), _) => {
            // A client that cannot be told is a client that is gone.
            let _ = send(&mut sink, &framed(&Down::Refused(refusal))).await;
            Farewell::Refused
        }
        (Err(Missing::Silent), _) => Farewell::Silent,
        (Err(Missing::Gone), _) | (Ok(_), None) => Farewell::Over,
    };
    depart(sink, stream, farewell).await;
}

/// Closes a socket politely: says why, then lets what is on its way arrive, for a moment.
pub(super) async fn depart(mut sink: Sink, mut stream: Stream, farewell: Farewell) {
    let close = Message::Close(Some(CloseFrame { code: farewell.code(), reason: farewell.word().into() }));
    let goodbye = async {
        if sink.send(close).await.is_ok() {
            while let Some(Ok(_)) = stream.next().await {}
        }
    };
    // Whether it was heard or not, the socket ends here.
    let _ = timeout(GOODBYE, goodbye).await;
}

/// Waits for the hello and takes a seat.
async fn greet(stream: &mut Stream, room: Option<&Handle>, traffic: Arc<Traffic>) -> Result<Seat, Missing> {
    let hello = timeout(HELLO_LIMIT, message(stream, &mut Assembler::default(), HELLO_BYTES)).await;
    let hello = match hello.unwrap_or(Err(Missing::Silent)) {
        Ok((bytes, _)) => read_hello(&bytes),
        Err(Missing::Refused(refusal)) => Err(refusal),
        Err(missing @ (Missing::Gone | Missing::Silent)) => return Err(missing),
    };
    let Some(room) = room else {
        return Err(Missing::Refused(hello.err().unwrap_or(Refusal::UnknownSession)));
    };
    match hello {
        Ok(hello) => room.join(hello, traffic).await.map_err(Missing::Refused),
        Err(refusal) => {
            room.turn_away(refusal.clone()).await;
            Err(Missing::Refused(refusal))
        }
    }
}

/// The version is read before the rest: a hello of another version may look different from there on.
fn read_hello(bytes: &[u8]) -> Result<Hello, Refusal> {
    const HELLO: u32 = 0;
    let (variant, version) = postcard::take_from_bytes::<(u32, u16)>(bytes).map_err(|_| Refusal::Malformed)?.0;
    if variant == HELLO && version != VERSION {
        return Err(Refusal::WrongVersion { client: version, server: VERSION });
    }
    match wire::decode(bytes)? {
        Up::Hello(hello) => Ok(hello),
        Up::Contribution(_) | Up::Leave => Err(Refusal::OutOfTurn),
    }
}

/// Passes on what a client says until it is gone.
async fn listen(stream: &mut Stream, room: &Handle, seat: &Seat) -> Farewell {
    let mut assembler = Assembler::default();
    loop {
        let heard = message(stream, &mut assembler, seat.allowed).await;
        let said = match heard.and_then(|(bytes, on_wire)| Ok((read(&bytes)?, on_wire))) {
            Ok((Up::Contribution(it), on_wire)) => Said::Contributed(Box::new(it), on_wire),
            Ok((Up::Leave, _)) => Said::Departed,
            Ok((Up::Hello(_), _)) => Said::Misbehaved(Refusal::OutOfTurn),
            Err(Missing::Refused(refusal)) => Said::Misbehaved(refusal),
            Err(Missing::Gone) => {
                room.say(seat.seated, Said::Lost).await;
                return Farewell::Over;
            }
            Err(Missing::Silent) => {
                room.say(seat.seated, Said::Lost).await;
                return Farewell::Silent;
            }
        };
        let (is_leaving, is_refused) = (matches!(said, Said::Departed), matches!(said, Said::Misbehaved(_)));
        room.say(seat.seated, said).await;
        if is_leaving {
            return Farewell::Over;
        }
        if is_refused {
            // The room answers with the reason and closes; nothing more is read.
            sleep(SILENCE).await;
            return Farewell::Refused;
        }
    }
}

fn read(bytes: &[u8]) -> Result<Up, Missing> {
    wire::decode(bytes).map_err(Missing::Refused)
}

/// The next whole message of at most `allowed` bytes, and how many its frames took on the socket.
async fn message(stream: &mut Stream, assembler: &mut Assembler, allowed: usize) -> Result<(Vec<u8>, u64), Missing> {
    let mut on_wire = 0;
    loop {
        let frame = match timeout(SILENCE, stream.next()).await {
            Ok(Some(Ok(Message::Binary(frame)))) => frame,
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => continue,
            Ok(Some(Ok(Message::Text(_)))) => return Err(Missing::Refused(Refusal::Malformed)),
            Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) => return Err(Missing::Gone),
            Err(_) => return Err(Missing::Silent),
        };
        on_wire += framed_len(frame.len(), Sender::Client);
        if let Some(whole) = assembler.push(&frame, allowed).map_err(Missing::Refused)? {
            return Ok((whole, on_wire));
        }
    }
}

/// Sends what the outbox holds until it is closed or nobody reads.
async fn speak(sink: &mut Sink, outbox: &Outbox, traffic: &Traffic) -> Farewell {
    let mut pings = interval_at(tokio::time::Instant::now() + PING, PING);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let outgoing = tokio::select! {
            it = outbox.next() => Some(it),
            _ = pings.tick() => None,
        };
        let sent = match outgoing {
            Some(Outgoing::Message(frames)) => send(sink, &frames).await,
            Some(Outgoing::Plan(frames)) => {
                let before = traffic.written();
                let sent = send(sink, &frames).await;
                traffic.note_plan(traffic.written() - before);
                sent
            }
            Some(Outgoing::Entry(frames)) => {
                traffic.mark_entry(true);
                let sent = send(sink, &frames).await;
                traffic.mark_entry(false);
                sent
            }
            Some(Outgoing::Close) => return Farewell::Refused,
            None => send_one(sink, Message::Ping(Default::default())).await,
        };
        if let Err(farewell) = sent {
            return farewell;
        }
    }
}

async fn send(sink: &mut Sink, frames: &Frames) -> Result<(), Farewell> {
    for frame in frames.iter() {
        send_one(sink, Message::Binary(frame.clone())).await?;
    }
    Ok(())
}

/// Sends one frame; a client that takes none for too long is gone.
pub(super) async fn send_one(sink: &mut Sink, message: Message) -> Result<(), Farewell> {
    match timeout(SILENCE, sink.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Farewell::Over),
        Err(_) => Err(Farewell::Silent),
    }
}
