//! The server: an accept loop with limits, and everything that is reached over HTTP and WebSockets.

mod farewell;
mod keys;
mod client;
mod counted;
mod downloads;
mod pages;
mod routes;
mod screen;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::host::{Coordinator, Limits};
use crate::tls::Tls;
use crate::traffic::Traffic;
use counted::Counted;
pub use farewell::Farewell;

/// How long a request's head may take, or a TLS handshake; also how long an idle connection is kept.
const HEAD_LIMIT: Duration = Duration::from_secs(5);

/// How long a connection may speak plain HTTP, so that nobody holds one by reading slowly.
const HTTP_LIMIT: Duration = Duration::from_secs(120);

/// How long clients have to take note that the coordinator goes.
const DRAIN_LIMIT: Duration = Duration::from_secs(2);

/// What every handler knows.
#[derive(Clone)]
struct App {
    coordinator: Coordinator,
    /// Whether its certificate is of its own making, where it speaks TLS too.
    is_own_certificate: Option<bool>,
    /// Turns true when the coordinator goes.
    closing: watch::Receiver<bool>,
}

impl Coordinator {
    /// Serves page, host screen and sockets until `shutdown`; then tells every socket that it goes (close code 1012) and
    /// waits at most two seconds for them.
    pub async fn serve(&self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        self.serve_securely(listener, None, shutdown).await;
    }

    /// The same over HTTPS too, on the same port: a client that says hello as TLS does is answered so.
    pub async fn serve_securely(&self, listener: TcpListener, tls: Option<Tls>, shutdown: impl Future<Output = ()>) {
        let closing = watch::Sender::new(false);
        let seats = Arc::new(Semaphore::new(self.limits.connections));
        let (coordinator, is_own_certificate) = (self.clone(), tls.as_ref().map(|it| it.is_own));
        let router = routes::router(App { coordinator, is_own_certificate, closing: closing.subscribe() });
        let acceptor = tls.as_ref().map(Tls::acceptor);
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                (accepted, seat) = accept(&listener, &seats) => match accepted {
                    Ok(stream) => {
                        prepare(&stream, &self.limits);
                        let io = Counted::new(stream, seat);
                        tokio::spawn(welcome(io, acceptor.clone(), router.clone(), closing.subscribe()));
                    }
                    // Too many open files, or a client that is gone already: neither is a reason to stop, or to spin.
                    Err(_) => sleep(Duration::from_millis(50)).await,
                },
            }
        }
        drop(listener);
        closing.send_replace(true);
        // All seats are free once all connections are gone; those that do not go are left behind.
        let _ = timeout(DRAIN_LIMIT, seats.acquire_many(self.limits.connections as u32)).await;
    }
}

/// The next connection, once there is room for it.
async fn accept(listener: &TcpListener, seats: &Arc<Semaphore>) -> (std::io::Result<TcpStream>, OwnedSemaphorePermit) {
    let seat = seats.clone().acquire_owned().await.expect("nobody closes the semaphore");
    (listener.accept().await.map(|it| it.0), seat)
}

fn prepare(stream: &TcpStream, limits: &Limits) {
    // Both are improvements: a system that refuses them still serves.
    let _ = stream.set_nodelay(true);
    let _ = socket2::SockRef::from(stream).set_send_buffer_size(limits.send_buffer);
}

/// The first byte of a TLS hello (RFC 8446, a record of kind `handshake`); no request begins so.
const TLS_HELLO: u8 = 0x16;

/// What a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

/// Hears what a connection speaks, and serves it so.
async fn welcome(io: Counted, acceptor: Option<TlsAcceptor>, router: Router, closing: watch::Receiver<bool>) {
    let traffic = io.traffic().clone();
    let Some(acceptor) = acceptor else { return converse(io, traffic, Scheme::Http, router, closing).await };
    let first = tokio::select! {
        it = timeout(HEAD_LIMIT, io.first()) => it,
        () = closed(closing.clone()) => return,
    };
    match first {
        Ok(Ok(TLS_HELLO)) => {
            // A client that does not trust the certificate goes away, and comes back.
            if let Ok(Ok(io)) = timeout(HEAD_LIMIT, acceptor.accept(io)).await {
                converse(io, traffic, Scheme::Https, router, closing).await;
            }
        }
        Ok(Ok(_)) => converse(io, traffic, Scheme::Http, router, closing).await,
        Ok(Err(_)) | Err(_) => {}
    }
}

/// Serves one connection until it ends or becomes a WebSocket.
async fn converse(
    io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    traffic: Arc<Traffic>,
    scheme: Scheme,
    router: Router,
    closing: watch::Receiver<bool>,
) {
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(traffic.clone());
        request.extensions_mut().insert(scheme);
        router.clone().oneshot(request.map(Body::new))
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_LIMIT).max_buf_size(16 * 1024);
    let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(io), service).with_upgrades());
    tokio::select! {
        // However it ends, it has ended.
        _ = timeout(HTTP_LIMIT, connection.as_mut()) => {}
        () = closed(closing) => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// Waits until the coordinator goes.
async fn closed(mut closing: watch::Receiver<bool>) {
    // An error says that the server is gone altogether.
    let _ = closing.wait_for(|it| *it).await;
}
