//! The native platform: the same client without a browser. Sockets by tokio, training on a thread of its own.

mod trust;

use std::time::Duration;

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::stream::SplitStream;
use futures_util::{SinkExt, StreamExt};
use protocol::hex;
use protocol::wire::{Done, frames};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};

use crate::failure::Failure;
use crate::session::{Event, Identity, Session};
use crate::shell::{Incoming, Platform, Shell};
use crate::training::{self, Job, Wish};
use crate::view::View;
use engine::devices::DeviceKind;
use trust::Fingerprint;

/// How long a farewell may take; the coordinator also notices a closed socket.
const FAREWELL: Duration = Duration::from_secs(5);

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
    #[error("`{link}` is not a join link: expected http://HOST:PORT/j/CODE, or https://HOST:PORT/j/CODE#cert=SHA256")]
    Link {
        /// What was given.
        link: String,
    },
    /// No connection ever came about.
    #[error("there is no session to be had at {link} ({detail}): is it running, and is that the link it printed?")]
    Unreachable {
        /// Where it was looked for.
        link: String,
        /// What happened instead.
        detail: String,
    },
    /// The client gave up.
    #[error("the client gave up: {0:?}")]
    Failed(Failure),
}

/// Joins a session and takes part until it is over. `show` gets the client as it stands after everything that happens to it.
///
/// # Errors
/// When the link makes no sense, or the session refuses this client for good.
pub async fn join(link: &str, options: Options, show: impl FnMut(View)) -> Result<Done, JoinError> {
    let Target { url, code, fingerprint } = target(link).ok_or_else(|| JoinError::Link { link: link.into() })?;
    let (sender, inbox) = unbounded();
    let (jobs, todo) = unbounded();
    let (wish, teller) = (Wish { device: options.device, no_gpu: None }, sender.clone());
    std::thread::spawn(move || pollster::block_on(training::run(wish, todo, told(teller), async || ())));
    let Options { name, device: _, practice, seed, token } = options;
    let identity = Identity { code, name, practice, seed, token, ..Identity::default() };
    let (outcomes, tried) = unbounded();
    let native = Native { url, fingerprint, outcomes, sender, jobs, line: None, show };
    let mut shell = Shell::new(Session::new(identity), native);
    let end = tokio::select! {
        end = shell.run(inbox) => end,
        detail = in_vain(tried) => return Err(JoinError::Unreachable { link: link.into(), detail }),
    };
    if let Some(line) = shell.platform.line.take() {
        line.end().await;
    }
    end.map_err(JoinError::Failed)
}

/// Nobody listens once the session is over; then the channel of jobs is closed too.
fn told(sender: UnboundedSender<Incoming>) -> impl Fn(Event) {
    move |event| drop(sender.unbounded_send(Incoming::Heart(event)))
}

/// Where a link leads.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    url: String,
    code: String,
    fingerprint: Option<Fingerprint>,
}

/// `http://HOST/j/CODE` gives `ws://HOST/ws/CODE` and `CODE`; `https` gives `wss`, with the certificate that the link names.
fn target(link: &str) -> Option<Target> {
    let link = link.trim();
    let (scheme, rest) = link.split_once("://")?;
    let scheme = match scheme {
        "http" => "ws",
        "https" => "wss",
        _ => return None,
    };
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let fingerprint = match fragment.strip_prefix("cert=") {
        Some(digits) => Some(hex::bytes(digits)?),
        None => None,
    };
    let (host, code) = rest.split_once("/j/")?;
    let code = code.split(['?', '/']).next().filter(|it| !it.is_empty())?;
    let url = format!("{scheme}://{host}/ws/{code}");
    (!host.is_empty()).then(|| Target { url, code: code.to_owned(), fingerprint })
}

/// Attempts to connect before the first that succeeds; a session that was there once is waited for.
const ATTEMPTS: u32 = 5;

/// Ends when no attempt at a connection has succeeded, with what the last one came to; goes on for ever once one has.
async fn in_vain(mut tried: UnboundedReceiver<Result<(), Error>>) -> String {
    let mut n_failed = 0;
    while let Some(Err(error)) = tried.next().await {
        n_failed += 1;
        // A certificate that is not taken will not be taken later, nor will an answer change that is no socket.
        let is_final = matches!(error, Error::Tls(_) | Error::Http(_) | Error::Url(_)) || is_distrust(&error);
        if is_final || n_failed == ATTEMPTS {
            return error.to_string();
        }
    }
    std::future::pending().await
}

/// Whether the other side's certificate was not taken: an error of TLS that comes as one of the socket.
fn is_distrust(error: &Error) -> bool {
    matches!(error, Error::Io(it) if it.kind() == std::io::ErrorKind::InvalidData)
}

struct Native<T> {
    url: String,
    fingerprint: Option<Fingerprint>,
    /// What every attempt to connect came to.
    outcomes: UnboundedSender<Result<(), Error>>,
    sender: UnboundedSender<Incoming>,
    jobs: UnboundedSender<Job>,
    line: Option<Line>,
    show: T,
}

/// A socket that is carried by a task of its own, which ends it once nothing more can be sent.
struct Line {
    frames: Option<UnboundedSender<Vec<u8>>>,
    carrying: JoinHandle<()>,
}

impl Line {
    async fn end(mut self) {
        self.frames = None;
        // Whoever does not answer a farewell is not waited for.
        let _ = tokio::time::timeout(FAREWELL, self.carrying).await;
    }
}

impl<T: FnMut(View)> Platform for Native<T> {
    fn connect(&mut self, number: u32) {
        let (frames, outgoing) = unbounded();
        let opening = open(self.url.clone(), self.fingerprint, self.outcomes.clone());
        let carrying = tokio::spawn(carry(opening, number, self.sender.clone(), outgoing));
        self.line = Some(Line { frames: Some(frames), carrying });
    }

    fn send(&mut self, message: &[u8]) -> u64 {
        let Some(line) = self.line.as_ref().and_then(|it| it.frames.as_ref()) else { return 0 };
        let sent = |frame: Vec<u8>| {
            let n = frame.len() as u64;
            line.unbounded_send(frame).map_or(0, |()| n)
        };
        frames::split(message).map(sent).sum()
    }

    fn close(&mut self) {
        if let Some(line) = &mut self.line {
            line.frames = None;
        }
    }

    fn wake(&mut self, attempt: u32, millis: u32) {
        let sender = self.sender.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(millis.into())).await;
            let _ = sender.unbounded_send(Incoming::Heart(Event::Woke { attempt }));
        });
    }

    fn train(&mut self, job: Job) {
        if self.jobs.unbounded_send(job).is_err() {
            let _ = self.sender.unbounded_send(Incoming::Heart(Event::Worked(Err(Failure::Stopped))));
        }
    }

    fn show(&mut self, view: View) {
        (self.show)(view);
    }
}

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Opens a socket, and says what that came to.
async fn open(
    url: String,
    fingerprint: Option<Fingerprint>,
    outcomes: UnboundedSender<Result<(), Error>>,
) -> Option<Stream> {
    let opened = connect_async_tls_with_config(url, None, false, Some(trust::connector(fingerprint))).await;
    let (stream, outcome) = opened.map_or_else(|it| (None, Err(it)), |it| (Some(it.0), Ok(())));
    // After the first success nobody listens.
    let _ = outcomes.unbounded_send(outcome);
    stream
}

/// Opens a socket, reads it to its end, and writes what is sent until nobody can send any more.
async fn carry(
    opening: impl Future<Output = Option<Stream>>,
    number: u32,
    sender: UnboundedSender<Incoming>,
    mut outgoing: UnboundedReceiver<Vec<u8>>,
) {
    let Some(stream) = opening.await else {
        let _ = sender.unbounded_send(Incoming::Closed(number));
        return;
    };
    let (mut sink, stream) = stream.split();
    let _ = sender.unbounded_send(Incoming::Opened(number));
    tokio::spawn(read(number, stream, sender));
    // A failure shows as a closed socket where it is read.
    while let Some(frame) = outgoing.next().await {
        if sink.send(Message::Binary(frame.into())).await.is_err() {
            return;
        }
    }
    // It may be closed already.
    let _ = sink.close().await;
}

/// Reads a socket to its end.
async fn read(number: u32, mut stream: SplitStream<Stream>, sender: UnboundedSender<Incoming>) {
    while let Some(Ok(message)) = stream.next().await {
        if let Message::Binary(bytes) = message
            && sender.unbounded_send(Incoming::Frame(number, bytes.to_vec())).is_err()
        {
            return;
        }
    }
    let _ = sender.unbounded_send(Incoming::Closed(number));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_join_link_names_host_and_code() {
        let at = |url: &str, fingerprint| Some(Target { url: url.into(), code: "K7QX2M".into(), fingerprint });
        let expected = at("ws://10.0.0.2:8080/ws/K7QX2M", None);
        assert_eq!(target("http://10.0.0.2:8080/j/K7QX2M"), expected);
        assert_eq!(target(" http://10.0.0.2:8080/j/K7QX2M?device=cpu#x "), expected);
        assert_eq!(target("https://class.example/j/K7QX2M"), at("wss://class.example/ws/K7QX2M", None));
        let digits = "ab".repeat(32);
        let pinned = at("wss://10.0.0.2:8080/ws/K7QX2M", Some([0xAB; 32]));
        assert_eq!(target(&format!("https://10.0.0.2:8080/j/K7QX2M?name=x#cert={digits}")), pinned);
        for bad in [
            "",
            "10.0.0.2/j/K7QX2M",
            "http://10.0.0.2",
            "http://10.0.0.2/j/",
            "http:///j/K7QX2M",
            "ftp://a/j/K7QX2M",
            "https://10.0.0.2/j/K7QX2M#cert=abc",
            "https://10.0.0.2/j/K7QX2M#cert=zz",
        ] {
            assert_eq!(target(bad), None, "{bad}");
        }
    }
}
