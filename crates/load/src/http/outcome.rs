//! What came of a request.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;

use super::{Cookie, HttpError};

/// All that came of one request.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Each exchange with a server in order: redirects, the first leg of Digest, the last answer or failure.
    /// k6 counts each in `http_reqs`. Never empty.
    pub hops: Vec<Hop>,
    /// The last answer, if it came whole.
    pub response: Option<Response>,
    /// Why there is no whole answer. A status of 400 or more is no error here: see [`Outcome::error_code`].
    pub error: Option<HttpError>,
    /// The response is a redirect that was not followed, because there had been enough of them.
    pub stopped_at_redirect: bool,
}

impl Outcome {
    /// k6's `error_code`: of the failure, else 1000 + status from 400 on, else 0.
    pub fn error_code(&self) -> u32 {
        let status = self.response.as_ref().map_or(0, |response| response.status);
        match &self.error {
            Some(error) => error.code,
            None if status >= 400 => 1000 + u32::from(status),
            None => 0,
        }
    }
}

/// One exchange with a server.
#[derive(Clone, Debug, Default)]
pub struct Hop {
    /// Without user and password.
    pub url: String,
    /// The method of this exchange; a redirect may have changed it.
    pub method: String,
    /// 0 when it failed.
    pub status: u16,
    /// `HTTP/1.1`, `HTTP/1.0` or `HTTP/2.0`; empty when it failed.
    pub protocol: &'static str,
    /// Where the time went.
    pub timings: Timings,
    /// On the wire, with TLS and its handshake if the connection is new.
    pub bytes_sent: u64,
    /// On the wire, with TLS and its handshake if the connection is new.
    pub bytes_received: u64,
    /// The server's address, once connected.
    pub remote: Option<SocketAddr>,
    /// `tls1.2` or `tls1.3`.
    pub tls_version: Option<&'static str>,
    /// The failure, or code 1000 + status and no message from status 400 on.
    pub error: Option<HttpError>,
}

/// Where the time of one exchange went, as k6 defines it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// From asking for a connection to having one, connecting and handshaking included.
    pub blocked: Duration,
    /// TCP; 0 for a connection that is used again.
    pub connecting: Duration,
    /// TLS; 0 for a connection that is used again.
    pub tls_handshaking: Duration,
    /// Writing the request.
    pub sending: Duration,
    /// From the request's last byte to the answer's first.
    pub waiting: Duration,
    /// From the answer's first byte to its last.
    pub receiving: Duration,
}

impl Timings {
    /// k6's `http_req_duration`: sending, waiting and receiving, without connecting.
    pub fn duration(&self) -> Duration {
        self.sending + self.waiting + self.receiving
    }
}

/// The last answer.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// Where it came from at last, after redirects.
    pub url: String,
    /// The status code.
    pub status: u16,
    /// Code and reason: `200 OK`.
    pub status_text: String,
    /// `HTTP/1.1`, `HTTP/1.0` or `HTTP/2.0`.
    pub protocol: &'static str,
    /// Names in Go's form (`Content-Type`), values of one name joined by `, `.
    pub headers: Vec<(String, String)>,
    /// What `Set-Cookie` says in this answer.
    pub cookies: Vec<Cookie>,
    /// Decompressed; empty for [`super::ResponseType::None`].
    pub body: Bytes,
    /// The server's address.
    pub remote: Option<SocketAddr>,
    /// Set for https.
    pub tls: Option<TlsInfo>,
    /// Of the first request, as k6 shows them: without those the transport adds (Host, Content-Length, Authorization).
    pub request_headers: Vec<(String, String)>,
    /// The cookies the first request carried.
    pub request_cookies: Vec<(String, String)>,
}

/// What the handshake agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlsInfo {
    /// `tls1.2` or `tls1.3`.
    pub version: &'static str,
    /// The name in IANA's registry, as Go has it.
    pub cipher_suite: &'static str,
}
