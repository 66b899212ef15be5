//! The connections of one user.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use hyper::body::{Body as _, Frame, Incoming};
use url::{Position, Url};

use super::dial;
use super::error::{self, HttpError, code};
use super::http1::Http1;
use super::http2::Http2;
use super::proxy::Proxy;
use super::shared::Shared;
use super::trace::Trace;

/// With this many hosts known, those not in use are forgotten and their idle connections closed: a script that calls ever
/// more hosts must not keep a connection to each.
const MOST_ORIGINS: usize = 64;

/// Hosts called so far, with their idle connections.
#[derive(Default)]
pub(super) struct Pool {
    origins: RefCell<HashMap<String, Rc<Origin>>>,
}

/// A scheme, host and port.
pub(super) struct Origin {
    pub(super) secure: bool,
    /// Without the brackets of IPv6.
    pub(super) host: String,
    pub(super) port: u16,
    /// As the `Host` header has it.
    pub(super) authority: HeaderValue,
    pub(super) proxy: Option<Arc<Proxy>>,
    idle: RefCell<Vec<Http1>>,
    http2: RefCell<Option<Http2>>,
    http1_only: Cell<bool>,
    /// Held while it is not known whether the server speaks HTTP/2, so that parallel requests share one connection.
    gate: tokio::sync::Mutex<()>,
}

/// What to send a request over.
pub(super) enum Connection {
    Http1(Http1),
    Http2(Http2),
}

/// A request that got no answer.
pub(super) struct Failed {
    pub(super) error: HttpError,
    /// No byte of an answer had come.
    pub(super) unanswered: bool,
    /// The server cannot have acted upon it.
    pub(super) unsent: bool,
}

impl Pool {
    pub(super) fn origin(&self, url: &Url, shared: &Shared) -> Result<Rc<Origin>, HttpError> {
        let key = key(url);
        if let Some(origin) = self.origins.borrow().get(&*key) {
            return Ok(origin.clone());
        }
        let origin = Rc::new(Origin::new(url, shared)?);
        let mut origins = self.origins.borrow_mut();
        if origins.len() >= MOST_ORIGINS {
            origins.retain(|_, origin| Rc::strong_count(origin) > 1);
        }
        origins.insert(key.into_owned(), origin.clone());
        Ok(origin)
    }

    pub(super) fn close(&self) {
        self.origins.borrow_mut().clear();
    }
}

/// The URL up to its path, without user and password.
fn key(url: &Url) -> Cow<'_, str> {
    if url.username().is_empty() && url.password().is_none() {
        return Cow::Borrowed(&url[..Position::BeforePath]);
    }
    Cow::Owned(format!(
        "{}://{}",
        url.scheme(),
        &url[Position::BeforeHost..Position::BeforePath]
    ))
}

impl Origin {
    fn new(url: &Url, shared: &Shared) -> Result<Self, HttpError> {
        let secure = match url.scheme() {
            "http" => false,
            "https" => true,
            other => {
                let message = format!("unsupported protocol scheme \"{other}\"");
                return Err(HttpError::new(code::DEFAULT, message));
            }
        };
        let no_host = || HttpError::new(code::DEFAULT, "http: no Host in request URL");
        let host = url
            .host_str()
            .ok_or_else(no_host)?
            .trim_matches(['[', ']'])
            .to_string();
        let port = url.port_or_known_default().ok_or_else(no_host)?;
        let authority = HeaderValue::from_str(&url[Position::BeforeHost..Position::BeforePath]);
        Ok(Self {
            secure,
            proxy: shared.proxies.of(secure, &host, port),
            host,
            port,
            authority: authority.map_err(|_| no_host())?,
            idle: RefCell::default(),
            http2: RefCell::default(),
            http1_only: Cell::new(!secure),
            gate: tokio::sync::Mutex::default(),
        })
    }

    /// The proxy that requests are handed to as they are, for it to pass on; https goes through a tunnel instead.
    pub(super) fn forwarded(&self) -> Option<&Proxy> {
        self.proxy.as_deref().filter(|_| !self.secure)
    }

    /// A connection, and whether it was used before. `replayable`: the request may be sent twice.
    pub(super) async fn acquire(
        &self,
        shared: &Shared,
        trace: &Trace,
        replayable: bool,
    ) -> Result<(Connection, bool), HttpError> {
        if let Some(connection) = self.reuse(trace, replayable).await {
            return Ok((connection, true));
        }
        if self.http1_only.get() {
            return Ok((self.connect(shared, trace).await?, false));
        }
        let _gate = self.gate.lock().await;
        if let Some(http2) = self.shared_http2() {
            trace.got(http2.peer, http2.meter.clone());
            return Ok((Connection::Http2(http2), true));
        }
        Ok((self.connect(shared, trace).await?, false))
    }

    /// A new connection.
    pub(super) async fn connect(&self, shared: &Shared, trace: &Trace) -> Result<Connection, HttpError> {
        // Boxed: names, proxies and TLS need much room, which requests over a known connection would carry about.
        let connected = Box::pin(dial::connect(shared, self, trace)).await?;
        trace.got(connected.peer, connected.meter.clone());
        if !connected.http2 {
            self.http1_only.set(true);
            return Ok(Connection::Http1(Box::pin(Http1::new(connected)).await?));
        }
        let http2 = Box::pin(Http2::new(connected)).await?;
        if !shared.settings.no_connection_reuse {
            *self.http2.borrow_mut() = Some(http2.clone());
        }
        Ok(Connection::Http2(http2))
    }

    async fn reuse(&self, trace: &Trace, replayable: bool) -> Option<Connection> {
        if let Some(http2) = self.shared_http2() {
            trace.got(http2.peer, http2.meter.clone());
            return Some(Connection::Http2(http2));
        }
        loop {
            // Not in the loop's head: the borrow must end before the wait.
            let idle = self.idle.borrow_mut().pop();
            let mut http1 = idle?;
            if http1.is_usable(!replayable).await {
                trace.got(http1.peer, http1.meter.clone());
                return Some(Connection::Http1(http1));
            }
        }
    }

    fn shared_http2(&self) -> Option<Http2> {
        self.http2
            .borrow()
            .as_ref()
            .filter(|http2| http2.is_usable())
            .cloned()
    }

    /// Keeps a connection whose answer was read to its end, if it can be used again.
    pub(super) async fn give_back(&self, connection: Connection, shared: &Shared) {
        let Connection::Http1(mut http1) = connection else {
            return;
        };
        if shared.settings.no_connection_reuse || !http1.settle().await {
            return;
        }
        let most = if shared.settings.batch_per_host == 0 {
            2
        } else {
            shared.settings.batch_per_host
        };
        let mut idle = self.idle.borrow_mut();
        if idle.len() < most {
            idle.push(http1);
        }
    }
}

impl Connection {
    /// Sends and waits for the head of the answer.
    pub(super) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
        trace: &Trace,
    ) -> Result<Response<Incoming>, Failed> {
        let answer = match self {
            Self::Http1(http1) => http1.send(request).await.map_err(|error| {
                let unanswered = http1.meter.first.get().is_none();
                Failed {
                    error: error::of_hyper(&error, !unanswered),
                    unanswered,
                    unsent: false,
                }
            }),
            Self::Http2(http2) => http2.send(request).await.map_err(|(error, unsent)| Failed {
                error: error::of_hyper(&error, false),
                unanswered: unsent,
                unsent,
            }),
        };
        let answer = answer?;
        trace.answered(match self {
            Self::Http1(http1) => http1.meter.first.get(),
            Self::Http2(_) => None,
        });
        Ok(answer)
    }

    /// The next piece of the answer's body.
    pub(super) async fn frame(&mut self, body: &mut Incoming) -> Option<Result<Frame<Bytes>, hyper::Error>> {
        match self {
            Self::Http1(http1) => http1.frame(body).await,
            Self::Http2(_) => std::future::poll_fn(|cx| std::pin::Pin::new(&mut *body).poll_frame(cx)).await,
        }
    }
}
