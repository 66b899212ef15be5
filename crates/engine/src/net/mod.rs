//! An HTTP/1.1 client that shows a response as it was received.
//!
//! Journals hold response headers in the case in which they came, which the usual clients lose; so this one keeps
//! the raw head. In everything else it does what Python's `requests` does, because experiments were written
//! against it: redirects, credentials in the address, proxies, certificate bundles, timeouts between bytes.

mod address;
mod certificates;
pub mod charset;
mod connect;
mod cookies;
mod encoding;
mod error;
mod exchange;
mod head;
mod message;
mod proxy;
mod recorder;
mod redirect;
#[cfg(test)]
mod tests;

pub use address::{parse_url, shown};
pub use error::{NetError, Phase};

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use url::Url;

use crate::host::Host;
use cookies::Jar;
use exchange::{Answer, exchange};

/// How many redirects are followed before giving up, as in `requests`.
pub const REDIRECT_LIMIT: usize = 30;

/// One call. Its `Debug` shows neither credentials nor header values nor the body.
#[derive(Clone)]
pub struct Request {
    /// The verb, sent as it is.
    pub method: String,
    /// Where to; credentials in it become basic authorization.
    pub url: Url,
    /// Header names and values; they replace the defaults (user agent, accepted encodings and types).
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub body: Option<Bytes>,
    /// How long a connection may take; no limit when absent.
    pub connect_timeout: Option<Duration>,
    /// How long nothing may come from the server; no limit when absent.
    pub read_timeout: Option<Duration>,
    /// Whether the server's certificate is checked.
    pub verify_tls: bool,
    /// The certificates to trust instead of the machine's and of those that the environment names.
    pub ca_bundle: Option<PathBuf>,
    /// How often a connection that failed is tried again, without delay. A method that may be repeated is also
    /// tried again when no answer came.
    pub max_retries: u32,
    /// Whether redirects are followed.
    pub follow_redirects: bool,
}

impl Request {
    /// A call without headers, body and limits, that verifies certificates and follows redirects.
    pub fn new(method: impl Into<String>, url: Url) -> Self {
        Self {
            method: method.into(),
            url,
            headers: Vec::new(),
            body: None,
            connect_timeout: None,
            read_timeout: None,
            verify_tls: true,
            ca_bundle: None,
            max_retries: 0,
            follow_redirects: true,
        }
    }

    /// The value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    fn remove_header(&mut self, name: &str) {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &shown(&self.url))
            .field(
                "headers",
                &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            )
            .finish_non_exhaustive()
    }
}

/// What the server answered, after redirects.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The text after it, which may be empty.
    pub reason: String,
    /// Header names in the case and order in which they came; repeated ones are joined by `, `. Bytes above 127
    /// are read as ISO-8859-1.
    pub headers: Vec<(String, String)>,
    /// The body, decompressed.
    pub body: Bytes,
    /// The address that answered.
    pub url: Url,
}

impl Response {
    /// The value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The body as text, in the encoding that the content type says, or else a guess.
    pub fn text(&self) -> String {
        charset::decode(&self.body, self.header("Content-Type"))
    }
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

/// Makes the call over a connection of its own. Dropping the future closes the connection at once.
///
/// `host` gives the proxies (`http_proxy`, `https_proxy`, `all_proxy`, `no_proxy` in either case) and the
/// certificates to trust (`REQUESTS_CA_BUNDLE`, `CURL_CA_BUNDLE`, `SSL_CERT_FILE`, `SSL_CERT_DIR`).
///
/// # Errors
/// See [`NetError`]; a status above 399 is none.
pub async fn send(request: &Request, host: &Host) -> Result<Response, NetError> {
    let mut request = request.clone();
    message::authorize(&mut request);
    let mut jar = Jar::default();
    for _ in 0..=REDIRECT_LIMIT {
        let answer = attempt(&request, &jar, host).await?;
        match redirect::next(&request, &answer, &mut jar)? {
            Some(next) => request = next,
            None => return response(answer, request.url),
        }
    }
    Err(NetError::TooManyRedirects {
        url: shown(&request.url),
        limit: REDIRECT_LIMIT,
    })
}

async fn attempt(request: &Request, jar: &Jar, host: &Host) -> Result<Answer, NetError> {
    let mut left = request.max_retries;
    loop {
        match exchange(request, jar, host).await {
            Err(error) if left > 0 && error.may_retry(&request.method) => left -= 1,
            outcome => return outcome,
        }
    }
}

fn response(answer: Answer, url: Url) -> Result<Response, NetError> {
    let headers = head::merged(answer.head.headers);
    let body = encoding::decode(answer.body, find(&headers, "Content-Encoding"), &url)?;
    Ok(Response {
        status: answer.head.status,
        reason: answer.head.reason,
        headers,
        body,
        url,
    })
}
