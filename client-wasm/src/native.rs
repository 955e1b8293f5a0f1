//! The native shell: the same client without a browser. Sockets by tokio, training on a thread of its own.

mod trainer;

use engine::devices::DeviceKind;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use protocol::wire::frames::{self, Assembler};
use protocol::wire::{self, Done, Up};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::notices::Notice;
use crate::probe::Probe;
use crate::session::{Effect, Event, Identity, Session};
use trainer::Job;

/// What a person chooses when joining.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Name to show on the host screen.
    pub name: String,
    /// The device to train on, instead of the one that the probe prefers.
    pub device: Option<DeviceKind>,
    /// Whether to rest once people have joined.
    pub practice: bool,
    /// Spreads the retries of many clients.
    pub seed: u64,
    /// Proves which client it is, where the host says so.
    pub token: Option<[u8; 16]>,
}

/// Why a client could not take part to the end.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// Not a join link.
    #[error("`{link}` is not a join link: expected http://HOST:PORT/j/CODE")]
    Link {
        /// What was given.
        link: String,
    },
    /// The client gave up, and told why.
    #[error("{message}")]
    Failed {
        /// What happened and what to do.
        message: String,
    },
}

/// Joins a session and takes part until it is over. `tell` hears everything worth knowing.
///
/// # Errors
/// When the link makes no sense, or the session refuses this client for good.
pub async fn join(link: &str, options: Options, tell: impl FnMut(Notice)) -> Result<Done, JoinError> {
    let (socket_url, code) = socket_url(link).ok_or_else(|| JoinError::Link { link: link.into() })?;
    let (sender, inbox) = unbounded_channel();
    let jobs = trainer::start(options.device, sender.clone());
    let Options { name, device: _, practice, seed, token } = options;
    let identity = Identity { code, name, practice, seed, token, ..Identity::default() };
    let shell = Shell {
        session: Session::new(identity),
        socket_url,
        socket: None,
        n_sockets: 0,
        sender,
        jobs,
        tell,
        up: 0,
        down: 0,
    };
    shell.run(inbox).await
}

/// `http://HOST/j/CODE` gives `ws://HOST/ws/CODE` and `CODE`.
fn socket_url(link: &str) -> Option<(String, String)> {
    let (host, code) = link.trim().strip_prefix("http://")?.split_once("/j/")?;
    let code = code.split(['?', '#', '/']).next().filter(|it| !it.is_empty())?;
    (!host.is_empty()).then(|| (format!("ws://{host}/ws/{code}"), code.to_owned()))
}

/// What reaches the shell.
enum Incoming {
    /// The trainer thread knows its device.
    Probed(Box<Probe>),
    /// To be shown.
    Told(Notice),
    /// The trainer has finished.
    Heart(Event),
    /// A socket was opened.
    Opened(Box<WebSocketStream<MaybeTlsStream<TcpStream>>>),
    /// From the socket of this number.
    Socket(u32, Frame),
}

/// What a socket gives.
enum Frame {
    Bytes(Vec<u8>),
    Closed,
}

type Sink = SplitSink<WebSocketStream<MaybeTlsStream<TcpStream>>, Message>;

/// The socket in use.
struct Socket {
    number: u32,
    sink: Sink,
    assembler: Assembler,
}

struct Shell<T> {
    session: Session,
    socket_url: String,
    socket: Option<Socket>,
    n_sockets: u32,
    sender: UnboundedSender<Incoming>,
    jobs: std::sync::mpsc::Sender<Job>,
    tell: T,
    up: u64,
    down: u64,
}

impl<T: FnMut(Notice)> Shell<T> {
    async fn run(mut self, mut inbox: UnboundedReceiver<Incoming>) -> Result<Done, JoinError> {
        (self.tell)(Notice::Probing);
        while let Some(incoming) = inbox.recv().await {
            let Some(event) = self.event(incoming) else { continue };
            for effect in self.session.step(event) {
                if let Some(end) = self.perform(effect).await {
                    return end;
                }
            }
        }
        Err(JoinError::Failed { message: "the trainer thread ended".into() })
    }

    /// What an arrival means to the heart, if anything.
    fn event(&mut self, incoming: Incoming) -> Option<Event> {
        match incoming {
            Incoming::Probed(probe) => {
                self.session.name_device(probe.device.name(), probe.tier());
                (self.tell)(Notice::from(&*probe));
                Some(Event::Started)
            }
            Incoming::Told(notice) => {
                (self.tell)(notice);
                None
            }
            Incoming::Heart(event) => Some(event),
            Incoming::Opened(stream) => {
                self.n_sockets += 1;
                let (sink, stream) = (*stream).split();
                tokio::spawn(read(self.n_sockets, stream, self.sender.clone()));
                self.socket = Some(Socket { number: self.n_sockets, sink, assembler: Assembler::default() });
                Some(Event::Opened)
            }
            // What an older socket still had to say is of no interest.
            Incoming::Socket(number, _) if self.socket.as_ref().is_none_or(|it| it.number != number) => None,
            Incoming::Socket(_, Frame::Closed) => {
                self.socket = None;
                Some(Event::Closed)
            }
            Incoming::Socket(_, Frame::Bytes(bytes)) => self.assemble(&bytes),
        }
    }

    fn assemble(&mut self, frame: &[u8]) -> Option<Event> {
        self.down += frame.len() as u64;
        let allowed = self.session.longest_message();
        let message = match self.socket.as_mut()?.assembler.push(frame, allowed) {
            Ok(None) => return None,
            Ok(Some(bytes)) => wire::decode(&bytes),
            Err(refusal) => Err(refusal),
        };
        (self.tell)(Notice::Traffic { up: self.up, down: self.down });
        Some(match message {
            Ok(message) => Event::Received(message),
            Err(refusal) => Event::Garbled(refusal),
        })
    }

    async fn perform(&mut self, effect: Effect) -> Option<Result<Done, JoinError>> {
        match effect {
            Effect::Connect => self.connect(),
            Effect::Send(message) => self.send(&message).await,
            Effect::Close | Effect::Hang => {
                if let Some(mut socket) = self.socket.take() {
                    // It may be closed already.
                    let _ = socket.sink.close().await;
                }
            }
            Effect::Wake { attempt, millis } => {
                let sender = self.sender.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(std::time::Duration::from_millis(millis.into())).await;
                    let _ = sender.send(Incoming::Heart(Event::Woke { attempt }));
                });
            }
            Effect::Foresee(task) => self.order(Job::Foresee(task)),
            Effect::Prepare(task, shard) => self.order(Job::Prepare(task, shard)),
            Effect::Work(assignment) => self.order(Job::Work(assignment)),
            Effect::Tell(Notice::Failed { message }) => {
                (self.tell)(Notice::Failed { message: message.clone() });
                // The farewell that follows in the same breath is a courtesy; the coordinator also notices a closed socket.
                if let Some(socket) = &mut self.socket {
                    let _ = socket.sink.close().await;
                }
                return Some(Err(JoinError::Failed { message }));
            }
            Effect::Tell(notice) => (self.tell)(notice),
            Effect::Finish(done) => return Some(Ok(done)),
        }
        None
    }

    fn connect(&self) {
        let (url, sender) = (self.socket_url.clone(), self.sender.clone());
        tokio::spawn(async move {
            let incoming = match tokio_tungstenite::connect_async(url).await {
                Ok((stream, _)) => Incoming::Opened(Box::new(stream)),
                Err(_) => Incoming::Heart(Event::Closed),
            };
            let _ = sender.send(incoming);
        });
    }

    /// Sends a message in frames. A failure shows as a closed socket where it is read.
    async fn send(&mut self, message: &Up) {
        let Some(socket) = &mut self.socket else { return };
        for frame in frames::split(&wire::encode(message)) {
            self.up += frame.len() as u64;
            if socket.sink.send(Message::Binary(frame.into())).await.is_err() {
                return;
            }
        }
        (self.tell)(Notice::Traffic { up: self.up, down: self.down });
    }

    fn order(&self, job: Job) {
        self.jobs.send(job).expect("the trainer thread lives as long as its channel");
    }
}

/// Reads a socket to its end.
async fn read(
    number: u32,
    mut stream: SplitStream<WebSocketStream<MaybeTlsStream<TcpStream>>>,
    sender: UnboundedSender<Incoming>,
) {
    while let Some(Ok(message)) = stream.next().await {
        if let Message::Binary(bytes) = message
            && sender.send(Incoming::Socket(number, Frame::Bytes(bytes.to_vec()))).is_err()
        {
            return;
        }
    }
    let _ = sender.send(Incoming::Socket(number, Frame::Closed));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_join_link_names_host_and_code() {
        let expected = Some(("ws://10.0.0.2:8080/ws/K7QX2M".to_owned(), "K7QX2M".to_owned()));
        assert_eq!(socket_url("http://10.0.0.2:8080/j/K7QX2M"), expected);
        assert_eq!(socket_url(" http://10.0.0.2:8080/j/K7QX2M?device=cpu "), expected);
        for bad in ["", "10.0.0.2/j/K7QX2M", "http://10.0.0.2", "http://10.0.0.2/j/", "http:///j/K7QX2M"] {
            assert_eq!(socket_url(bad), None, "{bad}");
        }
    }
}
