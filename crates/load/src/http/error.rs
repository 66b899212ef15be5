//! Failures, with k6's codes and words.

use std::error::Error;
use std::io;

/// k6's `error_code` values that this client uses.
pub mod code {
    /// No other code fits.
    pub const DEFAULT: u32 = 1000;
    /// A failure below HTTP but not of TCP, such as an alert of TLS.
    pub const NON_TCP: u32 = 1010;
    /// The URL cannot be parsed (for callers: a [`super::super::Request`] has a parsed one).
    pub const INVALID_URL: u32 = 1020;
    /// The request's own time ran out.
    pub const REQUEST_TIMEOUT: u32 = 1050;
    /// The DNS failed.
    pub const DNS: u32 = 1100;
    /// The DNS knows no such name.
    pub const NO_SUCH_HOST: u32 = 1101;
    /// The address is in `blacklistIPs`.
    pub const BLACKLISTED: u32 = 1110;
    /// The name is in `blockHostnames`.
    pub const BLOCKED: u32 = 1111;
    /// A failure of TCP.
    pub const TCP: u32 = 1200;
    /// The server closed while the request was written.
    pub const BROKEN_PIPE: u32 = 1201;
    /// Connecting failed.
    pub const DIAL: u32 = 1210;
    /// Connecting took more than 30 s.
    pub const DIAL_TIMEOUT: u32 = 1211;
    /// Nothing listens there.
    pub const REFUSED: u32 = 1212;
    /// Connecting failed in a way that the operating system names.
    pub const DIAL_ERRNO: u32 = 1213;
    /// The server reset the connection.
    pub const RESET: u32 = 1220;
    /// A failure of TLS.
    pub const TLS: u32 = 1300;
    /// The server does not speak TLS.
    pub const TLS_HEADER: u32 = 1301;
    /// The server's certificate is not signed by a trusted root.
    pub const UNKNOWN_AUTHORITY: u32 = 1310;
    /// The server's certificate is for other names.
    pub const HOSTNAME: u32 = 1311;
    /// HTTP/2: the server goes away; + 1 + its code.
    pub const GO_AWAY: u32 = 1610;
    /// HTTP/2: a stream broke; + 1 + its code.
    pub const STREAM: u32 = 1630;
    /// HTTP/2: the connection broke; + 1 + its code.
    pub const CONNECTION: u32 = 1650;
    /// The body cannot be decompressed.
    pub const DECOMPRESSION: u32 = 1701;
}

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct HttpError {
    /// k6's `error_code`; see [`code`].
    pub code: u32,
    /// k6's wording in its short form, as in `response.error` and the tag `error`.
    pub message: String,
    /// For the log: with method, URL and the cause.
    pub detail: String,
}

impl HttpError {
    /// With one text for both forms.
    pub fn new(code: u32, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            code,
            detail: message.clone(),
            message,
        }
    }

    pub(super) fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    pub(super) fn of_status(status: u16) -> Self {
        Self::new(1000 + u32::from(status), "")
    }

    pub(super) fn timeout() -> Self {
        Self::new(code::REQUEST_TIMEOUT, "request timeout")
    }

    /// Adds what was asked of whom, as Go's errors have it: `Get "http://…": cause`.
    pub(crate) fn about(mut self, method: &str, url: &str) -> Self {
        let mut name = method.to_ascii_lowercase();
        if let Some(first) = name.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        self.detail = format!("{name} \"{url}\": {}", self.detail);
        self
    }
}

/// A failed read or write; `operation` is `read` or `write`.
pub(super) fn of_io(error: &io::Error, operation: &str) -> HttpError {
    match error.kind() {
        io::ErrorKind::ConnectionReset => {
            HttpError::new(code::RESET, format!("{operation}: connection reset by peer"))
        }
        io::ErrorKind::BrokenPipe => HttpError::new(code::BROKEN_PIPE, "write: broken pipe"),
        io::ErrorKind::UnexpectedEof => HttpError::new(code::DEFAULT, "unexpected EOF"),
        _ => match error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>())
        {
            Some(tls) => super::tls::explain(tls),
            None => HttpError::new(code::TCP, format!("{operation}: {error}")),
        },
    }
}

/// A connection that could not be made.
pub(super) fn of_dial(error: &io::Error, address: &std::net::SocketAddr) -> HttpError {
    let failure = match (error.kind(), error.raw_os_error()) {
        (io::ErrorKind::ConnectionRefused, _) => HttpError::new(code::REFUSED, "dial: connection refused"),
        (io::ErrorKind::TimedOut, _) => HttpError::new(code::DIAL_TIMEOUT, "dial: i/o timeout"),
        (_, Some(errno)) => HttpError::new(
            code::DIAL_ERRNO,
            format!("dial: unknown errno {errno} error with msg `{}`", words(error)),
        ),
        _ => HttpError::new(code::DIAL, format!("dial: {error}")),
    };
    failure.with_detail(format!("dial tcp {address}: connect: {}", words(error)))
}

/// The system's words without its number.
fn words(error: &io::Error) -> String {
    let text = error.to_string().to_lowercase();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// What hyper reports. `answering`: a byte of the answer had come.
pub(super) fn of_hyper(error: &hyper::Error, answering: bool) -> HttpError {
    if let Some(failure) = source::<h2::Error>(error).and_then(of_h2) {
        return failure;
    }
    let below_h2 = source::<h2::Error>(error).and_then(h2::Error::get_io);
    if let Some(cause) = below_h2.or_else(|| source::<io::Error>(error)) {
        return of_io(cause, "read");
    }
    let text = match error {
        _ if error.is_incomplete_message() || error.is_closed() || error.is_canceled() => {
            if answering { "unexpected EOF" } else { "EOF" }.to_string()
        }
        _ if error.is_parse() => format!("malformed HTTP response: {error}"),
        _ => explain(error),
    };
    HttpError::new(code::DEFAULT, text)
}

fn of_h2(error: &h2::Error) -> Option<HttpError> {
    let reason = error.reason()?;
    let (base, words) = match () {
        () if error.is_go_away() && error.is_remote() => (code::GO_AWAY, "received GoAway with"),
        () if error.is_reset() => (code::STREAM, "stream error with"),
        () => (code::CONNECTION, "connection error with"),
    };
    let number = u32::from(reason);
    let offset = if number <= 0xd { number + 1 } else { 0 };
    Some(HttpError::new(
        base + offset,
        format!("http2: {words} http2 ErrCode {}", reason_name(number)),
    ))
}

fn reason_name(number: u32) -> String {
    const NAMES: [&str; 14] = [
        "NO_ERROR",
        "PROTOCOL_ERROR",
        "INTERNAL_ERROR",
        "FLOW_CONTROL_ERROR",
        "SETTINGS_TIMEOUT",
        "STREAM_CLOSED",
        "FRAME_SIZE_ERROR",
        "REFUSED_STREAM",
        "CANCEL",
        "COMPRESSION_ERROR",
        "CONNECT_ERROR",
        "ENHANCE_YOUR_CALM",
        "INADEQUATE_SECURITY",
        "HTTP_1_1_REQUIRED",
    ];
    match NAMES.get(number as usize) {
        Some(name) => (*name).to_string(),
        None => format!("unknown error code 0x{number:x}"),
    }
}

/// The first cause of one type.
pub(super) fn source<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = error.source();
    while let Some(cause) = next {
        if let Some(found) = cause.downcast_ref() {
            return Some(found);
        }
        next = cause.source();
    }
    None
}

fn explain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
