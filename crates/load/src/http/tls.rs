//! TLS: which certificates are trusted and shown, and what went wrong.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, InvalidMessage, ProtocolVersion, RootCertStore,
    SupportedProtocolVersion,
};

use super::error::{HttpError, code};
use super::outcome::TlsInfo;
use super::settings::{ClientCertificate, Settings, SetupError};
use super::verify::{AnyCertificate, NameFirst};
use crate::options::{HostPatterns, TlsVersion};

/// Configurations of rustls, made when first needed: one without a certificate of the user, one for each.
pub(super) struct Tls {
    provider: Arc<CryptoProvider>,
    versions: Vec<&'static SupportedProtocolVersion>,
    insecure: bool,
    extra_roots: Vec<CertificateDer<'static>>,
    identities: Vec<Identity>,
    verifier: OnceLock<Arc<dyn ServerCertVerifier>>,
    configs: Mutex<Vec<Option<Arc<ClientConfig>>>>,
}

/// A certificate of the user, and the hosts to show it to.
struct Identity {
    domains: HostPatterns,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Tls {
    pub(super) fn new(settings: &Settings) -> Result<Self, SetupError> {
        let identities = settings.client_certificates.iter().enumerate();
        let identities: Vec<_> = identities
            .map(|(index, one)| Identity::new(index, one))
            .collect::<Result<_, _>>()?;
        let mut roots = RootCertStore::empty();
        for (index, root) in settings.extra_roots.iter().enumerate() {
            roots.add(root.clone()).map_err(|error| SetupError::Root {
                index,
                reason: error.to_string(),
            })?;
        }
        let tls = Self {
            provider: Arc::new(ring::default_provider()),
            versions: versions(settings)?,
            insecure: settings.insecure_skip_tls_verify,
            extra_roots: settings.extra_roots.clone(),
            configs: Mutex::new(vec![None; identities.len() + 1]),
            identities,
            verifier: OnceLock::new(),
        };
        tls.check_identities()?;
        Ok(tls)
    }

    /// The configuration for `host`.
    pub(super) fn config(&self, host: &str) -> Result<Arc<ClientConfig>, HttpError> {
        let index = self
            .identities
            .iter()
            .position(|one| one.is_for(host))
            .unwrap_or(self.identities.len());
        let mut configs = self.configs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = &configs[index] {
            return Ok(config.clone());
        }
        let verifier = self
            .verifier()
            .map_err(|reason| HttpError::new(code::TLS, reason))?;
        let config = self.build(verifier, self.identities.get(index));
        let config = Arc::new(config.map_err(|error| HttpError::new(code::TLS, format!("tls: {error}")))?);
        configs[index] = Some(config.clone());
        Ok(config)
    }

    fn check_identities(&self) -> Result<(), SetupError> {
        for (index, identity) in self.identities.iter().enumerate() {
            let verifier = Arc::new(AnyCertificate(self.provider.clone()));
            self.build(verifier, Some(identity))
                .map_err(|error| SetupError::ClientCertificate {
                    index,
                    reason: error.to_string(),
                })?;
        }
        Ok(())
    }

    fn build(
        &self,
        verifier: Arc<dyn ServerCertVerifier>,
        identity: Option<&Identity>,
    ) -> Result<ClientConfig, rustls::Error> {
        let builder = ClientConfig::builder_with_provider(self.provider.clone())
            .with_protocol_versions(&self.versions)?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some(one) => builder.with_client_auth_cert(one.chain.clone(), one.key.clone_key())?,
        };
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // k6 keeps no sessions: each new connection is a full handshake, which is what a load test means to measure.
        config.resumption = rustls::client::Resumption::disabled();
        Ok(config)
    }

    fn verifier(&self) -> Result<Arc<dyn ServerCertVerifier>, String> {
        if let Some(verifier) = self.verifier.get() {
            return Ok(verifier.clone());
        }
        let verifier: Arc<dyn ServerCertVerifier> = if self.insecure {
            Arc::new(AnyCertificate(self.provider.clone()))
        } else {
            let roots = Arc::new(self.roots());
            let builder = WebPkiServerVerifier::builder_with_provider(roots, self.provider.clone());
            Arc::new(NameFirst(builder.build().map_err(|error| {
                format!("no root certificates to trust ({error}): install the system's, or set SSL_CERT_FILE")
            })?))
        };
        Ok(self.verifier.get_or_init(|| verifier).clone())
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!("root certificates of the system: {error}");
        }
        roots.add_parsable_certificates(found.certs);
        roots.add_parsable_certificates(self.extra_roots.iter().cloned());
        roots
    }
}

impl Identity {
    fn new(index: usize, given: &ClientCertificate) -> Result<Self, SetupError> {
        let bad = |reason: String| SetupError::ClientCertificate { index, reason };
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(given.cert_pem.as_bytes()).collect();
        let chain = chain.map_err(|error| bad(format!("the certificate: {error}")))?;
        if chain.is_empty() {
            return Err(bad("the text has no certificate in it".into()));
        }
        let key = PrivateKeyDer::from_pem_slice(given.key_pem.as_bytes());
        let key = key.map_err(|error| bad(format!("the key: {error}")))?;
        let domains = HostPatterns::of(&given.domains);
        Ok(Self {
            domains: domains.map_err(|domain| bad(format!("{domain:?} is not a host name or a pattern")))?,
            chain,
            key,
        })
    }

    fn is_for(&self, host: &str) -> bool {
        self.domains.is_empty() || self.domains.find(host).is_some()
    }
}

fn versions(settings: &Settings) -> Result<Vec<&'static SupportedProtocolVersion>, SetupError> {
    let min = settings.tls_min.unwrap_or(TlsVersion::Tls12);
    let max = settings.tls_max.unwrap_or(TlsVersion::Tls13);
    let spoken = [
        (TlsVersion::Tls12, &rustls::version::TLS12),
        (TlsVersion::Tls13, &rustls::version::TLS13),
    ];
    let fitting: Vec<_> = spoken
        .into_iter()
        .filter(|(version, _)| (min..=max).contains(version))
        .map(|(_, one)| one)
        .collect();
    if fitting.is_empty() {
        Err(SetupError::TlsVersions { min, max })
    } else {
        Ok(fitting)
    }
}

/// What a handshake agreed on, in k6's words.
pub(super) fn describe(connection: &rustls::ClientConnection) -> TlsInfo {
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "tls1.3",
        _ => "tls1.2",
    };
    let suite = connection
        .negotiated_cipher_suite()
        .and_then(|suite| suite.suite().as_str())
        .unwrap_or("");
    TlsInfo {
        version,
        cipher_suite: go_name(suite),
    }
}

/// rustls names the suites of TLS 1.3, Go those with ChaCha20, in their own way.
fn go_name(suite: &'static str) -> &'static str {
    match suite {
        "TLS13_AES_128_GCM_SHA256" => "TLS_AES_128_GCM_SHA256",
        "TLS13_AES_256_GCM_SHA384" => "TLS_AES_256_GCM_SHA384",
        "TLS13_CHACHA20_POLY1305_SHA256" => "TLS_CHACHA20_POLY1305_SHA256",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256" => "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256" => "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
        other => other,
    }
}

/// A failure of TLS in k6's codes.
pub(super) fn explain(error: &rustls::Error) -> HttpError {
    let (code, message) = match error {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            (code::UNKNOWN_AUTHORITY, "x509: unknown authority".to_string())
        }
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => (
            code::HOSTNAME,
            "x509: certificate doesn't match hostname".to_string(),
        ),
        // Go has no type for this one, so k6 has no code for it.
        rustls::Error::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        ) => (
            code::DEFAULT,
            format!("x509: certificate has expired or is not yet valid: {error}"),
        ),
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => (
            code::TLS_HEADER,
            "tls: first record does not look like a TLS handshake".to_string(),
        ),
        rustls::Error::AlertReceived(alert) => {
            (code::NON_TCP, format!("remote error: tls: {}", words(*alert)))
        }
        other => (code::TLS, format!("tls: {other}")),
    };
    HttpError::new(code, message).with_detail(format!("tls: {error}"))
}

/// Go's words for an alert: mostly its name, `HandshakeFailure` as `handshake failure`.
fn words(alert: AlertDescription) -> String {
    let own = match alert {
        AlertDescription::ProtocolVersion => "protocol version not supported",
        AlertDescription::CertificateRevoked => "revoked certificate",
        AlertDescription::CertificateExpired => "expired certificate",
        AlertDescription::CertificateUnknown => "unknown certificate",
        AlertDescription::UnknownCA => "unknown certificate authority",
        AlertDescription::DecodeError => "error decoding message",
        AlertDescription::DecryptError => "error decrypting message",
        AlertDescription::InsufficientSecurity => "insufficient security level",
        AlertDescription::BadRecordMac => "bad record MAC",
        _ => "",
    };
    if !own.is_empty() {
        return own.into();
    }
    let mut text = String::new();
    for letter in alert.as_str().unwrap_or("unknown alert").chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push(' ');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}
