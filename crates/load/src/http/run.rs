//! One request from its start to its outcome, through redirects and authentication.

use bytes::Bytes;
use http::{HeaderMap, StatusCode, Version};
use hyper::body::Incoming;
use rand::TryRng as _;
use rand::rngs::SysRng;

use super::body::{self, Keep};
use super::client::Client;
use super::compression;
use super::cookie::Cookie;
use super::digest::{Asked, Challenge};
use super::error::{HttpError, code};
use super::header;
use super::jar::Jar;
use super::leg::Leg;
use super::outcome::{Hop, Outcome, Response};
use super::pool::{Connection, Failed, Origin};
use super::redirect::{self, Redirect};
use super::request::{Auth, Request, ResponseType};
use super::trace::{Peer, Trace};

/// Of the body of a redirect so much is read to keep its connection; Go reads 2 KiB.
const SKIPPED: usize = 64 * 1024;

/// The state of one request.
pub(super) struct Run<'a> {
    client: &'a Client,
    jar: &'a Jar,
    request: Request,
    leg: Leg,
    trace: Trace,
    outcome: Outcome,
}

/// The head of an answer, and what its body comes over.
struct Answer {
    head: http::response::Parts,
    body: Incoming,
    connection: Connection,
    origin: std::rc::Rc<Origin>,
}

impl<'a> Run<'a> {
    pub(super) fn new(client: &'a Client, mut request: Request, jar: &'a Jar) -> Self {
        let leg = Leg::first(&mut request);
        let outcome = Outcome {
            hops: Vec::with_capacity(1),
            ..Outcome::default()
        };
        Self {
            client,
            jar,
            request,
            leg,
            trace: Trace::default(),
            outcome,
        }
    }

    /// To the last answer.
    pub(super) async fn go(&mut self) -> Result<Response, HttpError> {
        if self.request.auth == Some(Auth::Ntlm) {
            return Err(HttpError::new(
                code::DEFAULT,
                "auth: ntlm is not supported; use basic or digest",
            ));
        }
        self.leg
            .prepare(&self.request, &self.client.shared.settings, self.jar)?;
        let request_headers = self.leg.shown();
        let request_cookies = self.leg.shown_cookies();
        loop {
            let answer = self.exchange().await?;
            if let Some(authorization) = self.challenged(&answer.head) {
                self.pass_over(answer).await?;
                self.leg.authorize(authorization)?;
                continue;
            }
            let url = &self.leg.url;
            let redirect = redirect::of(
                answer.head.status.as_u16(),
                &answer.head.headers,
                &self.leg.method,
                url,
            )?;
            match redirect {
                Some(redirect) if self.leg.redirects < self.request.redirects => {
                    self.follow(answer, redirect).await?;
                }
                redirect => {
                    self.outcome.stopped_at_redirect = redirect.is_some();
                    let response = self.last(answer).await?;
                    return Ok(Response {
                        request_headers,
                        request_cookies,
                        ..response
                    });
                }
            }
        }
    }

    /// What came of it.
    pub(super) fn end(mut self, result: Result<Response, HttpError>) -> Outcome {
        match result {
            Ok(response) => self.outcome.response = Some(response),
            Err(error) => {
                let error = error.about(&self.leg.method, &self.leg.shown_url());
                let hop = Hop {
                    error: Some(error.clone()),
                    ..self.hop()
                };
                self.outcome.hops.push(hop);
                self.outcome.error = Some(error);
            }
        }
        self.outcome
    }

    async fn exchange(&mut self) -> Result<Answer, HttpError> {
        let shared = &self.client.shared;
        let origin = self.client.pool.origin(&self.leg.url, shared)?;
        let headers = self.leg.headers(&origin, &shared.settings)?;
        self.trace.ask();
        let replayable = self.leg.is_replayable();
        let (mut connection, reused) = origin.acquire(shared, &self.trace, replayable).await?;
        let request = self.leg.wire(headers, &connection, &origin)?;
        self.debug_request(&request);
        let mut sent = connection.send(request, &self.trace).await;
        if let Err(failed) = &sent
            && reused
            && (failed.unsent || (failed.unanswered && replayable))
        {
            // The server had closed an idle connection: as Go does, once more over a new one.
            connection = origin.connect(shared, &self.trace).await?;
            let headers = self.leg.headers(&origin, &shared.settings)?;
            sent = connection
                .send(self.leg.wire(headers, &connection, &origin)?, &self.trace)
                .await;
        }
        let (head, body) = sent.map_err(|Failed { error, .. }| error)?.into_parts();
        self.debug_answer(&head);
        if head.status == StatusCode::SWITCHING_PROTOCOLS {
            let text = format!("unsupported response status: {}", status_text(&head));
            return Err(HttpError::new(code::DEFAULT, text));
        }
        Ok(Answer {
            head,
            body,
            connection,
            origin,
        })
    }

    /// The answer to a Digest challenge, if this is one and it was not answered yet.
    fn challenged(&self, head: &http::response::Parts) -> Option<String> {
        let (user, password) = self.leg.digest.as_ref()?;
        if head.status != StatusCode::UNAUTHORIZED || self.leg.answered {
            return None;
        }
        let challenge = Challenge::of(&head.headers)?;
        let cnonce = format!(
            "{:016x}{:016x}",
            SysRng.try_next_u64().ok()?,
            SysRng.try_next_u64().ok()?
        );
        let (method, uri, body) = (&self.leg.method[..], self.leg.target(), &self.leg.body[..]);
        challenge.answer(
            &Asked {
                method,
                uri,
                body,
                user,
                password,
            },
            &cnonce,
        )
    }

    async fn follow(&mut self, answer: Answer, redirect: Redirect) -> Result<(), HttpError> {
        self.store_cookies(&answer.head.headers);
        self.pass_over(answer).await?;
        self.leg.turn(redirect, &self.request, self.jar);
        Ok(())
    }

    /// Ends a hop whose answer is not the last one.
    async fn pass_over(&mut self, mut answer: Answer) -> Result<(), HttpError> {
        let read = body::read(&mut answer.connection, answer.body, Keep::Skip(SKIPPED)).await;
        self.record(&answer.head);
        if read.is_ok() {
            answer
                .origin
                .give_back(answer.connection, &self.client.shared)
                .await;
        }
        Ok(())
    }

    async fn last(&mut self, mut answer: Answer) -> Result<Response, HttpError> {
        let shared = &self.client.shared;
        let most = shared.settings.max_body_bytes;
        let none = self.request.response == ResponseType::None;
        let keep = if none { Keep::Nothing } else { Keep::All(most) };
        let raw = body::read(&mut answer.connection, answer.body, keep).await?;
        answer.origin.give_back(answer.connection, shared).await;
        let body = if none {
            raw
        } else {
            self.decode(&answer.head, raw, most)?
        };
        let peer = self.trace.peer();
        self.record(&answer.head);
        self.store_cookies(&answer.head.headers);
        Ok(self.respond(&answer.head, peer, body))
    }

    fn decode(&self, head: &http::response::Parts, raw: Bytes, most: usize) -> Result<Bytes, HttpError> {
        let bodiless =
            matches!(head.status.as_u16(), 204 | 304) || (self.leg.method == "HEAD" && raw.is_empty());
        match head.headers.get(http::header::CONTENT_ENCODING) {
            Some(encoding) if !bodiless => compression::decompress(&header::text(encoding), raw, most),
            _ => Ok(raw),
        }
    }

    fn respond(&self, head: &http::response::Parts, peer: Option<Peer>, body: Bytes) -> Response {
        Response {
            url: self.leg.full_url(),
            status: head.status.as_u16(),
            status_text: status_text(head),
            protocol: protocol(head.version),
            headers: header::list(&head.headers),
            cookies: cookies(&head.headers).collect(),
            body,
            remote: peer.map(|peer| peer.remote),
            tls: peer.and_then(|peer| peer.tls),
            ..Response::default()
        }
    }

    fn store_cookies(&self, headers: &HeaderMap) {
        for cookie in cookies(headers) {
            self.jar.store(&self.leg.url, &cookie);
        }
    }

    fn record(&mut self, head: &http::response::Parts) {
        let status = head.status.as_u16();
        let error = (status >= 400).then(|| HttpError::of_status(status));
        let hop = Hop {
            status,
            protocol: protocol(head.version),
            error,
            ..self.hop()
        };
        self.outcome.hops.push(hop);
        self.trace = Trace::default();
    }

    fn hop(&self) -> Hop {
        let (bytes_sent, bytes_received) = self.trace.bytes();
        let peer = self.trace.peer();
        Hop {
            url: self.leg.shown_url(),
            method: self.leg.method.clone(),
            timings: self.trace.timings(),
            bytes_sent,
            bytes_received,
            remote: peer.map(|peer| peer.remote),
            tls_version: peer.and_then(|peer| peer.tls).map(|tls| tls.version),
            ..Hop::default()
        }
    }

    fn debug_request(&self, request: &http::Request<http_body_util::Full<Bytes>>) {
        if self.client.shared.settings.http_debug {
            let (method, uri, headers) = (request.method(), request.uri(), request.headers());
            tracing::info!(target: "http-debug", "Request: {method} {uri} {headers:?}");
        }
    }

    fn debug_answer(&self, head: &http::response::Parts) {
        if self.client.shared.settings.http_debug {
            let (status, headers) = (status_text(head), &head.headers);
            tracing::info!(target: "http-debug", "Response: {status} {headers:?}");
        }
    }
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = Cookie> {
    let lines = headers.get_all(http::header::SET_COOKIE).iter();
    lines.filter_map(|line| Cookie::parse(&header::text(line)))
}

fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "HTTP/2.0",
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    }
}

fn status_text(head: &http::response::Parts) -> String {
    let reason = match head.extensions.get::<hyper::ext::ReasonPhrase>() {
        Some(reason) => String::from_utf8_lossy(reason.as_bytes()),
        None => head.status.canonical_reason().unwrap_or("").into(),
    };
    format!("{} {reason}", head.status.as_u16())
}
