//! Trust: which certificates a native client takes. A coordinator that made its own prints the certificate's SHA-256, which a
//! join link may carry; without it, the authorities that browsers trust have to vouch.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use tokio_tungstenite::Connector;

/// The SHA-256 of a certificate.
pub(super) type Fingerprint = [u8; 32];

/// What opens sockets over TLS and takes this certificate alone, or those that the authorities vouch for.
pub(super) fn connector(fingerprint: Option<Fingerprint>) -> Connector {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone());
    let config = config.with_safe_default_protocol_versions().expect("ring has what the defaults ask for");
    let config = match fingerprint {
        Some(fingerprint) => {
            let verifier = Arc::new(Only { fingerprint, provider });
            config.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()
        }
        None => {
            let authorities = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() };
            config.with_root_certificates(authorities).with_no_client_auth()
        }
    };
    Connector::Rustls(Arc::new(config))
}

/// Takes one certificate, whatever names it has and whoever signed it.
#[derive(Debug)]
struct Only {
    fingerprint: Fingerprint,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Only {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown: Fingerprint = Sha256::digest(certificate).into();
        let other = CertificateError::ApplicationVerificationFailure;
        if shown == self.fingerprint { Ok(ServerCertVerified::assertion()) } else { Err(other.into()) }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
