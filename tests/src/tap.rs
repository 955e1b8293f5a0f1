//! A tap: a wire to the coordinator that writes down, on the coordinator's side of it, what clients say.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, anyhow, ensure};
use coordinator::session::ClientId;
use protocol::wire::frames::Assembler;
use protocol::wire::{self, Contribution, Down, Up};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::protocol::{Message, Role, WebSocket};

/// What clients contributed, by round and client.
pub type Said = BTreeMap<(u32, ClientId), Contribution>;

/// A wire that carries whatever comes, until dropped.
#[derive(Debug)]
pub struct Tap {
    /// Where it begins.
    pub address: SocketAddr,
    lines: Arc<Mutex<Vec<Line>>>,
    _carrying: JoinSet<()>,
}

/// The bytes that one connection has carried.
#[derive(Debug, Default)]
struct Line {
    up: Vec<u8>,
    down: Vec<u8>,
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug)]
enum Way {
    Up,
    Down,
}

impl Tap {
    /// Lays one to a coordinator.
    ///
    /// # Errors
    /// When loopback has no port left.
    pub async fn lay(to: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, lines) = (listener.local_addr()?, Arc::<Mutex<Vec<Line>>>::default());
        let written = lines.clone();
        let mut carrying = JoinSet::new();
        carrying.spawn(async move {
            let mut streams = JoinSet::new();
            while let Ok((near, _)) = listener.accept().await {
                streams.spawn(carry(near, to, written.clone()));
            }
        });
        Ok(Self { address, lines, _carrying: carrying })
    }

    /// All that has been contributed on it.
    ///
    /// # Errors
    /// When something on a socket is no message of ours.
    pub fn said(&self) -> Result<Said> {
        let lines = self.lines.lock().expect("nobody panics with it");
        let mut said = Said::new();
        for line in lines.iter().filter(|it| it.up.starts_with(b"GET /ws/")) {
            let heard = messages(&line.down, Role::Client)?;
            let heard = heard.iter().filter_map(|it| wire::decode(it).ok());
            let client =
                heard.into_iter().find_map(|it| if let Down::Welcome(it) = it { Some(it.client) } else { None });
            for it in messages(&line.up, Role::Server)? {
                if let Ok(Up::Contribution(it)) = wire::decode(&it) {
                    said.insert((it.round, client.context("whoever contributes was welcomed")?), it);
                }
            }
        }
        Ok(said)
    }
}

/// Either end may go at any time.
async fn carry(near: TcpStream, to: SocketAddr, lines: Arc<Mutex<Vec<Line>>>) -> Option<()> {
    let far = TcpStream::connect(to).await.ok()?;
    let at = {
        let mut lines = lines.lock().expect("nobody panics with it");
        lines.push(Line::default());
        lines.len() - 1
    };
    let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
    let mut answers = JoinSet::new();
    answers.spawn(pass(from_far, to_near, Way::Down, at, lines.clone()));
    pass(from_near, to_far, Way::Up, at, lines).await;
    // What is still on its way down is let through.
    answers.join_next().await.map(drop)
}

/// Writes down what comes before it is passed on, so that whoever has heard it can read it here.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, way: Way, at: usize, lines: Arc<Mutex<Vec<Line>>>) {
    let mut bytes = vec![0; 1 << 16];
    while let Ok(n @ 1..) = from.read(&mut bytes).await {
        {
            let line = &mut lines.lock().expect("nobody panics with it")[at];
            let sink = match way {
                Way::Up => &mut line.up,
                Way::Down => &mut line.down,
            };
            sink.extend_from_slice(&bytes[..n]);
        }
        if to.write_all(&bytes[..n]).await.is_err() {
            return;
        }
    }
}

/// What was read from a socket; whatever is answered goes nowhere.
struct Tape<'a>(Cursor<&'a [u8]>);

impl Read for Tape<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        Read::read(&mut self.0, into)
    }
}

impl Write for Tape<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The whole messages that this end of a socket read after the handshake.
fn messages(bytes: &[u8], reader: Role) -> Result<Vec<Vec<u8>>> {
    const BLANK_LINE: &[u8] = b"\r\n\r\n";
    let head = bytes.windows(BLANK_LINE.len()).position(|it| it == BLANK_LINE).context("a handshake")?;
    let tape = Tape(Cursor::new(&bytes[head + BLANK_LINE.len()..]));
    let mut socket = WebSocket::from_raw_socket(tape, reader, None);
    let (mut assembler, mut messages) = (Assembler::default(), vec![]);
    // Ends with the tape, or with a goodbye.
    while let Ok(message) = socket.read() {
        let Message::Binary(frame) = message else { continue };
        let whole = assembler.push(&frame, usize::MAX).map_err(|refusal| anyhow!("{refusal}"))?;
        messages.extend(whole);
    }
    ensure!(!messages.is_empty(), "nothing was said");
    Ok(messages)
}
