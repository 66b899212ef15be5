//! What a test sets for all its HTTP clients.

use rustls::pki_types::CertificateDer;

use crate::options::{Cidr, HostPatterns, Hosts, TlsVersion};

/// Settings of all HTTP clients of one test; they come from k6's options of nearly the same names.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Take any certificate of a server (k6's `insecureSkipTLSVerify`).
    pub insecure_skip_tls_verify: bool,
    /// Oldest version of TLS to speak; none: TLS 1.2. 1.0 and 1.1 are not spoken, and mean 1.2 here.
    pub tls_min: Option<TlsVersion>,
    /// Newest version of TLS to speak; none: TLS 1.3.
    pub tls_max: Option<TlsVersion>,
    /// Certificates to show to servers that ask for one (k6's `tlsAuth`).
    pub client_certificates: Vec<ClientCertificate>,
    /// Where names lead instead of asking the DNS.
    pub hosts: Hosts,
    /// Names that must not be called.
    pub block_hostnames: HostPatterns,
    /// Addresses that must not be called.
    pub blacklist_ips: Vec<Cidr>,
    /// The `User-Agent` header of requests that set none; empty: no such header.
    pub user_agent: String,
    /// Idle HTTP/1.1 connections a user keeps per host (k6's `batchPerHost`); 0: two, as Go does.
    pub batch_per_host: usize,
    /// Close each connection after its request.
    pub no_connection_reuse: bool,
    /// Log the heads of requests and responses (`tracing`, target `http-debug`, level info).
    pub http_debug: bool,
    /// Root certificates trusted besides those of the system.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// Requests per second of all users together; none or 0: no limit.
    pub rps: Option<u32>,
    /// Most bytes of a response body, as received and as decompressed.
    pub max_body_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            insecure_skip_tls_verify: false,
            tls_min: None,
            tls_max: None,
            client_certificates: Vec::new(),
            hosts: Hosts::default(),
            block_hostnames: HostPatterns::default(),
            blacklist_ips: Vec::new(),
            user_agent: concat!("chaos-load/", env!("CARGO_PKG_VERSION")).into(),
            batch_per_host: 6,
            no_connection_reuse: false,
            http_debug: false,
            extra_roots: Vec::new(),
            rps: None,
            max_body_bytes: 256 * 1024 * 1024,
        }
    }
}

/// A certificate to show to servers.
#[derive(Clone, Debug)]
pub struct ClientCertificate {
    /// Hosts, or `*.name` patterns, to show it to; empty: all.
    pub domains: Vec<String>,
    /// The chain as PEM, the user's own certificate first.
    pub cert_pem: String,
    /// Its private key as PEM, not encrypted.
    pub key_pem: String,
}

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The range of TLS versions has nothing in it that is spoken.
    #[error("tlsVersion: no version from {min:?} to {max:?} can be used; allowed are tls1.2 and tls1.3")]
    TlsVersions {
        /// The lower bound.
        min: TlsVersion,
        /// The upper bound.
        max: TlsVersion,
    },
    /// A certificate of a user, or its key, is unusable.
    #[error("tlsAuth[{index}]: {reason}; give a PEM certificate and its PEM key, not encrypted")]
    ClientCertificate {
        /// Which one, from 0.
        index: usize,
        /// What is wrong.
        reason: String,
    },
    /// A root certificate is unusable.
    #[error("root certificate {index}: {reason}; give a certificate in DER form")]
    Root {
        /// Which of the extra roots, from 0.
        index: usize,
        /// What is wrong.
        reason: String,
    },
}
