//! A coordinator on a free port, and clients that speak bytes.

use std::io::{Read, Write};
use std::net::SocketAddr;

use coordinator::host::{Coordinator, Handle, Limits, Setup};
use futures_util::{SinkExt, StreamExt};
use protocol::wire::frames::{self, Assembler};
use protocol::wire::{self, Down, Hello, Plan, Refusal, Up, VERSION, Welcome};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::StatusCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::tiny;

/// The code of every test's session.
pub(crate) const CODE: &str = "TEST01";

/// A running coordinator with one session.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) session: Handle,
    pub(crate) stop: oneshot::Sender<()>,
    pub(crate) ended: tokio::task::JoinHandle<()>,
}

/// A session of the tiny recipe without data, evaluator or directory.
pub(crate) fn setup() -> Setup {
    Setup {
        recipe: tiny::recipe(),
        settings: tiny::settings(),
        parts: None,
        pooled: None,
        evaluator: None,
        state_dir: None,
        dataset: String::new(),
        code: Some(CODE.into()),
        start: None,
    }
}

pub(crate) async fn served(setup: Setup) -> Served {
    served_within(Limits::default(), setup).await
}

/// The same where this is borne.
pub(crate) async fn served_within(limits: Limits, setup: Setup) -> Served {
    let coordinator = Coordinator::new(limits);
    let session = coordinator.open(setup).expect("a session opens");
    serving(coordinator, session).await
}

pub(crate) async fn serving(coordinator: Coordinator, session: Handle) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    let (stop, stopped) = oneshot::channel();
    let stopped = async {
        // Dropped or told: both mean stop.
        let _ = stopped.await;
    };
    let ended = tokio::spawn(async move { coordinator.serve(listener, stopped).await });
    Served { address, session, stop, ended }
}

impl Served {
    /// What a plain request for this path is answered with: status line, headers, body.
    pub(crate) async fn get(&self, path: &str) -> String {
        self.ask(path, "").await
    }

    /// The same with more header lines, each ending in `\r\n`.
    pub(crate) async fn ask(&self, path: &str, headers: &str) -> String {
        let address = self.address;
        self.exchange(format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n")).await
    }

    async fn exchange(&self, request: String) -> String {
        let address = self.address;
        let exchange = move || {
            let mut stream = std::net::TcpStream::connect(address).expect("it listens");
            stream.write_all(request.as_bytes()).expect("it reads");
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).expect("it answers");
            String::from_utf8_lossy(&answer).into_owned()
        };
        tokio::task::spawn_blocking(exchange).await.expect("it does not panic")
    }

    /// What a request of this method and path is answered with that has these header lines alone.
    pub(crate) async fn bare(&self, request: &str, headers: &str) -> String {
        self.exchange(format!("{request} HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n{headers}\r\n")).await
    }

    pub(crate) async fn client(&self) -> Raw {
        Raw::connect(self.address, &format!("/ws/{CODE}"), None).await.expect("the socket opens")
    }

    /// A client that has said hello.
    pub(crate) async fn joined(&self, name: &str) -> (Raw, Welcome) {
        let mut raw = self.client().await;
        let welcome = raw.join(Hello { name: name.into(), ..hello() }).await;
        (raw, welcome)
    }
}

pub(crate) fn hello() -> Hello {
    Hello {
        version: VERSION,
        code: CODE.into(),
        token: None,
        name: String::new(),
        device: "by hand".into(),
        practice: false,
        shard_digest: 0,
        mask: 0,
        tier: 16,
    }
}

/// A WebSocket that speaks bytes.
pub(crate) struct Raw {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    assembler: Assembler,
}

impl Raw {
    /// Opens a socket; the HTTP status when it is refused.
    pub(crate) async fn connect(address: SocketAddr, path: &str, origin: Option<&str>) -> Result<Self, StatusCode> {
        let headers: Vec<(&str, &str)> = origin.map(|it| ("origin", it)).into_iter().collect();
        Self::connect_with(address, path, &headers).await
    }

    /// The same with headers of one's own, which stand in the place of the usual ones.
    pub(crate) async fn connect_with(
        address: SocketAddr,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, StatusCode> {
        let mut request = format!("ws://{address}{path}").into_client_request().expect("an address");
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a header"));
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Self { socket, assembler: Assembler::default() }),
            Err(Error::Http(response)) => Err(response.status()),
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) async fn message(&mut self, message: Message) {
        self.socket.send(message).await.expect("the socket is open");
    }

    pub(crate) async fn bytes(&mut self, bytes: &[u8]) {
        for frame in frames::split(bytes) {
            self.message(Message::binary(frame)).await;
        }
    }

    pub(crate) async fn send(&mut self, up: &Up) {
        self.bytes(&wire::encode(up)).await;
    }

    pub(crate) async fn join(&mut self, hello: Hello) -> Welcome {
        self.send(&Up::Hello(hello)).await;
        match self.receive().await {
            Ok(Down::Welcome(welcome)) => *welcome,
            other => panic!("expected a welcome, got {other:?}"),
        }
    }

    /// The next message, or the close code.
    pub(crate) async fn receive(&mut self) -> Result<Down, u16> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Binary(frame))) => {
                    if let Some(whole) = self.assembler.push(&frame, 1 << 20).expect("well-formed frames") {
                        return Ok(wire::decode(&whole).expect("a message"));
                    }
                }
                Some(Ok(Message::Close(frame))) => return Err(frame.map_or(0, |it| it.code.into())),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Text(_) | Message::Frame(_))) => {}
                Some(Err(_)) | None => return Err(0),
            }
        }
    }

    /// Passes over standbys until a plan comes.
    pub(crate) async fn plan(&mut self) -> Plan {
        match self.beyond_standbys().await {
            Ok(Down::Plan(plan)) => plan,
            other => panic!("expected a plan, got {other:?}"),
        }
    }

    /// The next refusal, after any standbys.
    pub(crate) async fn refusal(&mut self) -> Refusal {
        match self.beyond_standbys().await {
            Ok(Down::Refused(refusal)) => refusal,
            other => panic!("expected a refusal, got {other:?}"),
        }
    }

    async fn beyond_standbys(&mut self) -> Result<Down, u16> {
        loop {
            match self.receive().await {
                Ok(Down::Standby(_)) => {}
                other => return other,
            }
        }
    }

    /// The next text as JSON, or the close code.
    pub(crate) async fn text(&mut self) -> Result<serde_json::Value, (u16, String)> {
        self.raw_text().await.map(|it| serde_json::from_str(&it).expect("JSON"))
    }

    /// The next text, or the close code.
    pub(crate) async fn raw_text(&mut self) -> Result<String, (u16, String)> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text.to_string()),
                Some(Ok(Message::Close(Some(frame)))) => return Err((frame.code.into(), frame.reason.to_string())),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Close(None)) | Err(_)) | None => return Err((0, String::new())),
            }
        }
    }
}
