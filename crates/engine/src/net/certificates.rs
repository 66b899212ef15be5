//! Which servers are trusted over TLS. Read only when an https address is called, once for each choice.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_native_certs::{CertificateResult, load_certs_from_paths, load_native_certs};

use super::{NetError, Request};
use crate::host::Host;

/// Whom to trust.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Trust {
    /// Anyone: nothing is verified.
    Anyone,
    /// The authorities that the machine trusts.
    Machine,
    /// Those of a file, or of a folder of files, in PEM form.
    Bundle(PathBuf),
}

impl Trust {
    /// The request's choice, else the environment's (in the order of `requests`, then OpenSSL's), else the machine's.
    pub fn of(request: &Request, host: &Host) -> Self {
        const VARIABLES: [&str; 4] = [
            "REQUESTS_CA_BUNDLE",
            "CURL_CA_BUNDLE",
            "SSL_CERT_FILE",
            "SSL_CERT_DIR",
        ];
        let named = VARIABLES
            .iter()
            .filter_map(|name| host.var(name))
            .find(|value| !value.is_empty());
        match (request.verify_tls, &request.ca_bundle, named) {
            (false, _, _) => Self::Anyone,
            (true, Some(path), _) => Self::Bundle(host.resolve(path)),
            (true, None, Some(path)) => Self::Bundle(host.resolve(path)),
            (true, None, None) => Self::Machine,
        }
    }

    /// The TLS settings for it.
    pub fn config(&self) -> Result<Arc<ClientConfig>, NetError> {
        static KNOWN: Mutex<Vec<(Trust, Arc<ClientConfig>)>> = Mutex::new(Vec::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, config)) = known.iter().find(|(trust, _)| trust == self) {
            return Ok(Arc::clone(config));
        }
        let config = Arc::new(self.build()?);
        known.push((self.clone(), Arc::clone(&config)));
        Ok(config)
    }

    fn build(&self) -> Result<ClientConfig, NetError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| self.unusable(error.to_string()))?;
        let builder = match self {
            Self::Anyone => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(NoVerification(provider))),
            _ => builder.with_root_certificates(self.roots()?),
        };
        let mut config = builder.with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    fn roots(&self) -> Result<RootCertStore, NetError> {
        let found = match self {
            Self::Bundle(path) => load_bundle(path),
            _ => load_native_certs(),
        };
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        if !roots.is_empty() {
            return Ok(roots);
        }
        let reason = match found.errors.first() {
            Some(error) => error.to_string(),
            None => "install the system's certificates, or name a file of them in SSL_CERT_FILE".to_owned(),
        };
        Err(self.unusable(reason))
    }

    fn unusable(&self, reason: String) -> NetError {
        let path = match self {
            Self::Bundle(path) => Some(path.clone()),
            _ => None,
        };
        NetError::Trust { path, reason }
    }
}

fn load_bundle(path: &Path) -> CertificateResult {
    match path.is_dir() {
        true => load_certs_from_paths(None, Some(path)),
        false => load_certs_from_paths(Some(path), None),
    }
}

/// Takes any certificate; used only when the experiment says `verify_tls: false`.
#[derive(Debug)]
struct NoVerification(Arc<CryptoProvider>);

impl ServerCertVerifier for NoVerification {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
