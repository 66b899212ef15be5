//! How a call over HTTP fails. No text here holds a password or a query, both of which may be secret.

use std::path::PathBuf;
use std::time::Duration;

/// What a call was waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// A connection, including the name look-up, the proxy and the TLS handshake.
    Connection,
    /// The status line and the headers.
    Answer,
    /// The rest of the body.
    Body,
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connection => "a connection",
            Self::Answer => "an answer",
            Self::Body => "the rest of the body",
        })
    }
}

/// Why a call has no response. `url` is always without credentials and query.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NetError {
    /// The text cannot be called as a URL.
    #[error("`{url}` cannot be called: {reason}")]
    InvalidUrl {
        /// The text, as far as it can be shown.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Neither http nor https.
    #[error("`{url}` cannot be called: the scheme `{scheme}` is not supported, use http or https")]
    UnsupportedScheme {
        /// Where to.
        url: String,
        /// What stands before the colon.
        scheme: String,
    },
    /// A method or a header that cannot be sent.
    #[error("the request to {url} cannot be sent: {reason}")]
    InvalidRequest {
        /// Where to.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A proxy variable that cannot be used.
    #[error("the proxy `{proxy}` cannot be used: {reason}")]
    UnusableProxy {
        /// The proxy, without its credentials.
        proxy: String,
        /// Why not.
        reason: String,
    },
    /// The certificates that would be trusted cannot be read.
    #[error("no trusted certificates{}: {reason}", place(.path))]
    Trust {
        /// The bundle that was asked for, if any.
        path: Option<PathBuf>,
        /// What is wrong with it.
        reason: String,
    },
    /// More redirects than are followed.
    #[error("{url} redirects too often: stopped after {limit} redirects")]
    TooManyRedirects {
        /// The last address.
        url: String,
        /// How many were followed.
        limit: usize,
    },
    /// A compressed body that does not decompress.
    #[error("the body from {url} says it is {encoding} but cannot be decoded: {reason}")]
    Undecodable {
        /// Where from.
        url: String,
        /// The content encoding.
        encoding: String,
        /// What went wrong.
        reason: String,
    },
    /// No connection: refused, unreachable, unknown host.
    #[error("cannot connect to {url}: {reason}")]
    Connect {
        /// Where to.
        url: String,
        /// Why not.
        reason: String,
    },
    /// No secure connection: an unknown authority, a wrong name, an expired certificate.
    #[error("no secure connection with {url}: {reason}")]
    Tls {
        /// Where to.
        url: String,
        /// Why not.
        reason: String,
    },
    /// The proxy does not let the call through.
    #[error("cannot reach {url} through the proxy {proxy}: {reason}")]
    Proxy {
        /// Where to.
        url: String,
        /// The proxy, without its credentials.
        proxy: String,
        /// Why not.
        reason: String,
    },
    /// Nothing came for as long as was allowed.
    #[error("{url} took too long: waited {} seconds for {phase}", .after.as_secs_f64())]
    Timeout {
        /// Where to.
        url: String,
        /// What was waited for.
        phase: Phase,
        /// The limit.
        after: Duration,
    },
    /// The connection was closed early, or what came is not HTTP.
    #[error("no answer from {url}: {reason}")]
    NoAnswer {
        /// Where from.
        url: String,
        /// What happened instead.
        reason: String,
    },
    /// The body ended before its announced end.
    #[error("the answer from {url} was cut: {reason}")]
    Cut {
        /// Where from.
        url: String,
        /// What happened.
        reason: String,
    },
}

impl NetError {
    /// True when the world was at fault, so that the same call may work another time; false when the request
    /// itself, its settings or the answer's form make it impossible.
    pub fn is_failure(&self) -> bool {
        matches!(
            self,
            Self::Connect { .. }
                | Self::Tls { .. }
                | Self::Proxy { .. }
                | Self::Timeout { .. }
                | Self::NoAnswer { .. }
                | Self::Cut { .. }
        )
    }

    /// True when a retry is due: no connection, or no answer to a method that may be repeated (as urllib3 does).
    pub(super) fn may_retry(&self, method: &str) -> bool {
        match self {
            Self::Connect { .. } | Self::Tls { .. } | Self::Proxy { .. } => true,
            Self::Timeout { phase, .. } if *phase == Phase::Connection => true,
            Self::Timeout { phase, .. } => *phase == Phase::Answer && is_idempotent(method),
            Self::NoAnswer { .. } => is_idempotent(method),
            _ => false,
        }
    }
}

fn is_idempotent(method: &str) -> bool {
    ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"].contains(&method)
}

fn place(path: &Option<PathBuf>) -> String {
    path.as_ref()
        .map(|path| format!(" in {}", path.display()))
        .unwrap_or_default()
}

/// The text of an input or output error, without the number that the system gives it.
pub(super) fn io_reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((plain, _)) => plain.to_lowercase(),
        None => text,
    }
}
