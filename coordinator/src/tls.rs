//! TLS: the certificate that a coordinator shows, of its own making or brought by its host.

mod own;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use protocol::hex;
use sha2::{Digest, Sha256};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::NoServerSessionStorage;

use crate::error::Error;

/// A certificate with its key, ready to be shown.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    fingerprint: [u8; 32],
    /// Whether the coordinator made it itself, so that nobody vouches for it.
    pub is_own: bool,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").field("fingerprint", &self.fingerprint()).field("is_own", &self.is_own).finish()
    }
}

impl Tls {
    /// A certificate that the host brings, with those that vouch for it, and its key, both as PEM.
    ///
    /// # Errors
    /// When they cannot be read, or are no pair.
    pub fn brought(certificate: &Path, key: &Path) -> Result<Self, Error> {
        let read = |path: &Path| fs::read(path).map_err(Error::io(path));
        let (chain, pem) = (chain(&read(certificate)?), read(key)?);
        let key_of = |pem: &[u8]| PrivateKeyDer::from_pem_slice(pem);
        let bad = |path: &Path, problem: String| Error::Data { path: path.into(), problem };
        let key = key_of(&pem).map_err(|error| bad(key, format!("no private key as PEM: {error}")))?;
        let chain = chain.map_err(|problem| bad(certificate, problem))?;
        Self::new(chain, key, false).map_err(|problem| bad(certificate, problem))
    }

    /// A certificate of the coordinator's own, for all of these addresses and names. It is kept in a file, so that browsers that
    /// were told to trust it go on doing so, and made anew when it lacks a name or ends within a month.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub fn own(file: &Path, names: &[String], now: SystemTime) -> Result<Self, Error> {
        let kept = own::kept(file, names, now)?;
        Self::of(&kept).map_err(|problem| Error::Data { path: file.into(), problem })
    }

    fn of(kept: &own::Kept) -> Result<Self, String> {
        let key = PrivateKeyDer::from_pem_slice(kept.key.as_bytes());
        let key = key.map_err(|error| format!("no private key as PEM: {error}"))?;
        Self::new(chain(kept.certificate.as_bytes())?, key, true)
    }

    fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>, is_own: bool) -> Result<Self, String> {
        let fingerprint = Sha256::digest(&chain[0]).into();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
        let mut config =
            config.with_no_client_auth().with_single_cert(chain, key).map_err(|error| error.to_string())?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // A handshake costs less than remembering thousands of sessions.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self { config: Arc::new(config), fingerprint, is_own })
    }

    /// The SHA-256 of the certificate, in hexadecimal digits: who knows it knows that nobody is in between.
    pub fn fingerprint(&self) -> String {
        hex::text(&self.fingerprint)
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.config.clone().into()
    }
}

/// The certificates of a text, the coordinator's own first.
fn chain(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let chain = chain.map_err(|error| format!("no certificate as PEM: {error}"))?;
    if chain.is_empty() { Err("no certificate as PEM".into()) } else { Ok(chain) }
}
