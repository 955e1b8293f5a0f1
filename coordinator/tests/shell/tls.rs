//! HTTP and HTTPS on one port: who says hello as TLS does is answered so, and a page's origin has the scheme it was loaded by.

use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use coordinator::host::{Coordinator, Limits};
use coordinator::tls::Tls;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::raw::{CODE, setup};

/// A coordinator over HTTP and HTTPS, and what takes its certificate.
struct Secure {
    address: SocketAddr,
    connector: TlsConnector,
    _folder: tempfile::TempDir,
}

fn own(folder: &Path) -> Tls {
    let names = ["127.0.0.1", "localhost"].map(String::from);
    Tls::own(&folder.join("tls.json"), &names, SystemTime::now()).expect("it can be kept")
}

/// The certificate that a folder keeps, as PEM, and its key.
fn pem(folder: &Path) -> [String; 2] {
    let text = std::fs::read(folder.join("tls.json")).expect("it is kept");
    let kept: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    ["certificate", "key"].map(|it| kept[it].as_str().expect("text").to_owned())
}

/// What takes the certificate in a folder, for its names and for no others.
fn connector(folder: &Path) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_slice(pem(folder)[0].as_bytes()).expect("a certificate");
    roots.add(certificate).expect("it can vouch for itself");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().expect("the defaults");
    Arc::new(config.with_root_certificates(roots).with_no_client_auth()).into()
}

async fn secure() -> Secure {
    let folder = tempfile::tempdir().expect("a folder");
    let tls = own(folder.path());
    let coordinator = Coordinator::new(Limits::default());
    coordinator.open(setup()).expect("a session opens");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move { coordinator.serve_securely(listener, Some(tls), std::future::pending()).await });
    Secure { address, connector: connector(folder.path()), _folder: folder }
}

impl Secure {
    async fn connect(&self) -> TlsStream<tokio::net::TcpStream> {
        let stream = tokio::net::TcpStream::connect(self.address).await.expect("it listens");
        let name = ServerName::try_from("127.0.0.1").expect("an address");
        self.connector.connect(name, stream).await.expect("its certificate is for this address")
    }

    /// The beginning of what a request is answered with, over HTTPS or HTTP.
    async fn ask(&self, is_secure: bool, request: &str) -> String {
        let request = format!("{request}Host: {}\r\n\r\n", self.address);
        let mut answer = vec![0; 2000];
        let n = if is_secure {
            let mut stream = self.connect().await;
            stream.write_all(request.as_bytes()).await.expect("it reads");
            stream.read(&mut answer).await.expect("it answers")
        } else {
            let mut stream = tokio::net::TcpStream::connect(self.address).await.expect("it listens");
            stream.write_all(request.as_bytes()).await.expect("it reads");
            stream.read(&mut answer).await.expect("it answers")
        };
        String::from_utf8_lossy(&answer[..n]).into_owned()
    }

    /// What a page of this origin is told that asks for a socket.
    async fn socket(&self, is_secure: bool, origin: &str) -> String {
        let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
        let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        let request = format!("GET /ws/{CODE} HTTP/1.1\r\n{upgrade}{key}Origin: {origin}\r\n");
        self.ask(is_secure, &request).await.chars().skip("HTTP/1.1 ".len()).take(3).collect()
    }
}

#[tokio::test]
async fn one_port_speaks_both() {
    let secure = secure().await;
    for is_secure in [true, false] {
        let answer = secure.ask(is_secure, "GET /health HTTP/1.1\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("ok\n"), "{answer}");
        // Where the page is to be had over HTTPS, wherever it was loaded from.
        let answer = secure.ask(is_secure, "GET /https.json HTTP/1.1\r\n").await;
        assert!(answer.ends_with(&format!("{{\"origin\":\"https://{}\",\"warns\":true}}", secure.address)), "{answer}");
    }
    let plain = crate::raw::served(setup()).await;
    assert!(plain.get("/https.json").await.ends_with("null"));
}

#[tokio::test]
async fn a_page_has_the_scheme_by_which_it_was_loaded() {
    let secure = secure().await;
    let [http, https] = ["http", "https"].map(|it| format!("{it}://{}", secure.address));
    assert_eq!([secure.socket(true, &https).await, secure.socket(false, &http).await], ["101", "101"]);
    assert_eq!([secure.socket(true, &http).await, secure.socket(false, &https).await], ["403", "403"]);
    assert_eq!(secure.socket(true, "https://evil.example").await, "403");
}

/// How long it takes until a connection is closed on which this was said.
async fn held(address: SocketAddr, said: &'static [u8]) -> Duration {
    let wait = move || {
        let mut stream = TcpStream::connect(address).expect("it listens");
        std::io::Write::write_all(&mut stream, said).expect("it reads");
        stream.set_read_timeout(Some(Duration::from_secs(15))).expect("a timeout");
        let started = Instant::now();
        stream.read_to_end(&mut Vec::new()).map_or(Duration::MAX, |_| started.elapsed())
    };
    tokio::task::spawn_blocking(wait).await.expect("it ends")
}

#[tokio::test]
async fn whoever_says_half_a_hello_or_nothing_is_not_waited_for() {
    let secure = secure().await;
    // Nothing; the first byte of a hello; a hello that claims 512 bytes and has one; half a request.
    let said: [&[u8]; 4] = [b"", b"\x16", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\n"];
    let waiting = said.map(|it| tokio::spawn(held(secure.address, it)));
    for (said, waiting) in said.iter().zip(waiting) {
        let held = waiting.await.expect("it ends");
        assert!(held < Duration::from_secs(7), "{said:?}: {held:?}");
    }
    // No hello of TLS, though it begins so.
    assert!(held(secure.address, &[0x16; 64]).await < Duration::from_secs(2));
}

#[test]
fn a_certificate_that_a_host_brings_is_read_or_it_is_said_why_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = own(folder.path());
    let [certificate, key] = pem(folder.path());
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path
    };
    let (cert, its_key) = (write("cert.pem", &certificate), write("key.pem", &key));
    let brought = Tls::brought(&cert, &its_key).expect("a pair");
    assert_eq!((brought.fingerprint(), brought.is_own, made.is_own), (made.fingerprint(), false, true));
    let other = tempfile::tempdir().expect("a folder");
    own(other.path());
    let strange = write("strange.pem", &pem(other.path())[1]);
    let nothing = write("nothing.pem", "nothing");
    for (cert, key, why) in [
        (&cert, &strange, "cert.pem"),
        (&nothing, &its_key, "no certificate as PEM"),
        (&cert, &nothing, "no private key as PEM"),
        (&folder.path().join("absent.pem"), &its_key, "absent.pem"),
    ] {
        let error = Tls::brought(cert, key).expect_err(why).to_string();
        assert!(error.contains(why), "{error}");
    }
}
